const LABEL = /^[ -9;-~]{1,40}$/;

/** What nodes keep in a key that no token holds. A label like these would pass for it. */
const WORDS: ReadonlySet<string> = new Set(['reserved', 'shared']);

/** Whether a text can be the label of an owner. */
export function isLabel(text: string): boolean {
  return LABEL.test(text) && !WORDS.has(text);
}

/** @throws TypeError, RangeError if it is no label */
export function requireLabel(owner: unknown): void {
  if (typeof owner !== 'string') throw new TypeError('owner must be a string');
  if (WORDS.has(owner)) {
    throw new RangeError(`owner must not be ${JSON.stringify(owner)}, which nodes use themselves`);
  }
  if (!isLabel(owner)) {
    throw new RangeError(
      'owner must have 1 to 40 characters from space to ~, and no colon, ' +
        `not ${JSON.stringify(owner)}`,
    );
  }
}
