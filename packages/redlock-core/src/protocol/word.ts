/** The value of a key that is reserved begins with this; the process follows. */
export const RESERVED = 'reserved:';

/** Whether a key with this value is kept for a process that was called. */
export function isReserved(value: string): boolean {
  return value.startsWith(RESERVED);
}

/** The value of a key that has shared holders, or is reserved for some. */
export const SHARED = 'shared';

/** A denial has this instead of the value of a key that is free, if a process waits that wants to hold it alone. */
export const AWAITED = 'awaited';

/**
 * Whether nobody holds a key that was denied: it is kept for processes that were called, or that wait.
 * @param tokens of its shared holders
 */
export function isKept(value: string, tokens: readonly unknown[] = []): boolean {
  return isReserved(value) || value === AWAITED || (value === SHARED && tokens.length === 0);
}

/** Whether a value of a key is a word of the protocol, and so no token. */
export function isWord(value: string): boolean {
  return value === SHARED || isReserved(value);
}

/**
 * Checks a token that a caller hands in. A word of the protocol would pass for the token of a key that no token holds.
 * @throws TypeError, RangeError
 */
export function requireToken(token: unknown): asserts token is string {
  if (typeof token !== 'string') throw new TypeError('token must be a string');
  if (token === '') throw new RangeError('token must not be an empty string');
  if (isWord(token) || token === AWAITED) {
    throw new RangeError(
      `token must not be ${JSON.stringify(token)}: nodes write this word themselves. Pass the token of a lock.`,
    );
  }
}
