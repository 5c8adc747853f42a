import { TestEnvironment } from 'jest-environment-node';

/** How long what a test has closed may take to be gone, in ms. */
const GRACE = 2000;

/**
 * Fails a test whose promises were rejected without anybody handling it, and a test file that
 * leaves behind what keeps a process alive. In an environment, because the `process` that test
 * files see is a copy without these events.
 */
export default class LeakCheckEnvironment extends TestEnvironment {
  #before = [];
  #rejections = [];
  #onRejection = (reason) => void this.#rejections.push(reason);

  async setup() {
    await super.setup();
    this.#before = process.getActiveResourcesInfo();
    process.on('unhandledRejection', this.#onRejection);
  }

  async handleTestEvent(event) {
    if (event.name !== 'test_fn_success' && event.name !== 'test_fn_failure') return;
    await new Promise((resolve) => setImmediate(resolve));
    for (const reason of this.#rejections.splice(0)) {
      event.test.errors.push(new Error(`Nobody handled a rejection: ${reason?.stack ?? reason}`));
    }
  }

  async teardown() {
    const deadline = Date.now() + GRACE;
    let left = this.#left();
    while (left.length > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setImmediate(resolve));
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
