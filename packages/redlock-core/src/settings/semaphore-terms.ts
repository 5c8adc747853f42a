import { requireNumber } from './argument.js';

/** A denied try reads the keys of all permits, and a script must not block its server for long. */
const MOST_PERMITS = 1000;

/** @throws TypeError, RangeError for a bad name or number of permits */
export function requireSemaphoreTerms(name: string, permits: number): void {
  if (typeof name !== 'string') throw new TypeError('The name of a semaphore must be a string');
  if (name === '') throw new RangeError('The name of a semaphore must not be an empty string');
  if (!name.isWellFormed()) {
    throw new RangeError(
      'The name of a semaphore must be well-formed Unicode, without lone surrogates',
    );
  }
  requireNumber('permits', permits, `a whole number from 1 to ${MOST_PERMITS}`, isCount);
}

function isCount(n: number): boolean {
  return Number.isInteger(n) && n >= 1 && n <= MOST_PERMITS;
}
