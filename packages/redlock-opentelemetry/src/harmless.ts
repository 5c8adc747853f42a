import { diag } from '@opentelemetry/api';

/**
 * Makes a function that never throws, and returns undefined instead. What a subscriber throws would be an uncaught
 * exception, which ends the process.
 */
export function harmless<A extends readonly unknown[], R>(
  act: (...args: A) => R,
): (...args: A) => R | undefined {
  return (...args) => {
    try {
      return act(...args);
    } catch (error) {
      complain('telemetry of a lock failed', error);
      return undefined;
    }
  };
}

/** Reports to OpenTelemetry's own logger. */
export function complain(what: string, error?: unknown): void {
  try {
    diag.error(`redlock-opentelemetry: ${what}`, ...(error === undefined ? [] : [error]));
  } catch {
    // The logger is the user's, and may throw as well. No other place for the report is left.
  }
}
