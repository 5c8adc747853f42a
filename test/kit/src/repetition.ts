import { StallWatch } from './stall-watch.js';

/** How often a test is repeated at most. */
const REPETITIONS = 3;

/** Where the test environment takes the reason why the running test is repeated. */
const REPEATED = Symbol.for('redlock-test-kit.repeated');

/**
 * For a test that is about short times, and fails honestly when the machine stands still: repeats it when it has
 * failed and there was a stall. Failures without a stall stay failures. The end of the run names what was repeated.
 */
export function repeatedAfterStall<Args extends readonly unknown[]>(
  test: (...args: Args) => Promise<void>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    for (let left = REPETITIONS; left > 0; left--) {
      using watch = new StallWatch();
      try {
        await test(...args);
        return;
      } catch (error) {
        const stalled = watch.look();
        if (stalled === 0) throw error;
        tell(stalled, error);
      }
    }
    await test(...args);
  };
}

function tell(stalled: number, error: unknown): void {
  const message = `Repeated: it failed while the machine stood still for ${stalled.toFixed(0)} ms`;
  const listener = Reflect.get(globalThis, REPEATED) as ((reason: Error) => void) | undefined;
  listener?.(new Error(message, { cause: error }));
}
