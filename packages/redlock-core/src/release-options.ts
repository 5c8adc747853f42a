import { isPositive, POSITIVE, requireNumber } from './argument.js';

export interface ReleaseOptions {
  /**
   * Keep the lock for so many ms more, with no owner, instead of giving it back: a job that must not
   * run again too soon, on a machine whose clock is behind, say. A positive safe integer.
   */
  keepFor?: number | undefined;
}

/**
 * @returns `keepFor`, or 0
 * @internal
 */
export function parseReleaseOptions({ keepFor }: ReleaseOptions): number {
  if (keepFor === undefined) return 0;
  requireNumber('keepFor', keepFor, POSITIVE, isPositive);
  return keepFor;
}
