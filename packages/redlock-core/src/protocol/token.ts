/** The random part of a token, as nanoid makes it. */
const SECRET = /^[\w-]{21}$/;
const LABEL = /^[ -9;-~]{1,40}$/;

/** The value of a key that has shared holders. */
export const SHARED = 'shared';
/** How a denial names the value of a key that is not a string. */
export const NOT_A_STRING = '(not a string)';
/** Kept free for the protocol, although nodes do not write it. */
const AWAITED = 'awaited';
/** Whether a value of a key is a word of the protocol, and so no token. */
export function isWord(value: string): boolean {
  return value === SHARED || value === AWAITED;
}

/** Whether a text can be the label of an owner. A label that is a word of the protocol would pass for it. */
export function isLabel(text: string): boolean {
  return LABEL.test(text) && !isWord(text);
}

/**
 * The token of one attempt: `secret` is random, and an owner's label before it shows whose it is, to everybody who can
 * read the nodes.
 */
export function tokenOf(owner: string | undefined, secret: string): string {
  return owner === undefined ? secret : `${owner}:${secret}`;
}

/**
 * The label in a token; null: it has none.
 *
 * Tokens of other libraries may contain a colon too, as `uuid:thread`, and what stands before it may be half the secret.
 * So a label is one only if exactly the random part of a token of ours follows the only colon.
 */
export function ownerOf(token: string): string | null {
  const colon = token.indexOf(':');
  const label = token.slice(0, Math.max(colon, 0));
  return isLabel(label) && SECRET.test(token.slice(colon + 1)) ? label : null;
}

/**
 * Checks a token that a caller hands in. A word of the protocol would pass for the token of a key that no token holds.
 * @throws TypeError, RangeError
 */
export function requireToken(token: unknown): asserts token is string {
  if (typeof token !== 'string') throw new TypeError('token must be a string');
  if (token === '') throw new RangeError('token must not be an empty string');
  if (isWord(token)) {
    throw new RangeError(
      `token must not be ${JSON.stringify(token)}: nodes write this word themselves. Pass the token of a lock.`,
    );
  }
}
