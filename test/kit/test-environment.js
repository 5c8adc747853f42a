import { TestEnvironment as NodeEnvironment } from 'jest-environment-node';

/**
 * What a test has closed may take this many pauses of this many ms to be gone. Pauses, and no deadline: one in which the
 * machine stands still counts as one.
 */
const GRACE = 1500;
const PAUSE = 10;

/**
 * Fails a test whose promises were rejected without anybody handling it, and a test file that
 * leaves behind what keeps a process alive. In an environment, because the `process` that test
 * files see is a copy without these events. Keeps why a test was repeated (src/repetition.ts), for reporters.
 */
export default class TestEnvironment extends NodeEnvironment {
  #before = [];
  #rejections = [];
  #running = null;
  #onRejection = (reason) => void this.#rejections.push(reason);

  async setup() {
    await super.setup();
    this.#before = process.getActiveResourcesInfo();
    process.on('unhandledRejection', this.#onRejection);
    const onRepetition = (reason) => void this.#running?.retryReasons.push(reason);
    this.global[Symbol.for('redlock-test-kit.repeated')] = onRepetition;
  }

  async handleTestEvent(event) {
    if (event.name === 'test_start') this.#running = event.test;
    if (event.name !== 'test_fn_success' && event.name !== 'test_fn_failure') return;
    await new Promise((resolve) => setImmediate(resolve));
    for (const reason of this.#rejections.splice(0)) {
      event.test.errors.push(new Error(`Nobody handled a rejection: ${reason?.stack ?? reason}`));
    }
  }

  async teardown() {
    let left = this.#left();
    for (let pauses = 0; left.length > 0 && pauses < GRACE; pauses++) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      left = this.#left();
    }
    process.off('unhandledRejection', this.#onRejection);
    await super.teardown();
    if (this.#rejections.length > 0) {
      throw new Error(`Nobody handled a rejection: ${this.#rejections.join(', ')}`);
    }
    if (left.length > 0) throw new Error(`The tests left behind: ${left.join(', ')}`);
  }

  /** What keeps the process alive now and did not before. */
  #left() {
    const before = [...this.#before];
    return process.getActiveResourcesInfo().filter((resource) => {
      const known = before.indexOf(resource);
      if (known >= 0) before.splice(known, 1);
      return known < 0 && resource !== 'Immediate';
    });
  }
}
