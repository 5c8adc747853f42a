import { requireObject } from './argument.js';

/** How to close. */
export interface CloseOptions {
  /** Release whatever is still held, also in `using` routines, and wait for that. Default false. */
  release?: boolean | undefined;
}

/**
 * @returns whether to release what is held
 * @internal
 */
export function parseCloseOptions(options: CloseOptions = {}): boolean {
  requireObject(options);
  const { release = false } = options;
  if (typeof release !== 'boolean') throw new TypeError('release must be a boolean');
  return release;
}
