import { isHelperKey, isPermitKey } from './keys.js';

/**
 * The most resources in one call. One script call takes all of them, and a script must not block its server for long.
 */
const MOST_RESOURCES = 1000;

/**
 * The resources of one call, each once, in the order given.
 *
 * Perf: client's CPU a lock. The list is not frozen, because V8 iterates frozen arrays slowly. What users are shown is
 * a frozen copy.
 * @param mayBePermit whether a resource may be the permit of a semaphore
 * @throws TypeError, RangeError for bad arguments
 */
export function parseResources(
  given: string | readonly string[],
  keyPrefix: string,
  mayBePermit = false,
): readonly string[] {
  if (typeof given !== 'string' && !Array.isArray(given)) {
    throw new TypeError('resources must be a string or an array of strings');
  }
  const resources = typeof given === 'string' ? [given] : [...new Set(given)];
  if (resources.length === 0) throw new RangeError('resources must name at least one resource');
  if (resources.length > MOST_RESOURCES) {
    throw new RangeError(
      `resources must name at most ${MOST_RESOURCES} resources, not ${resources.length}`,
    );
  }
  for (const resource of resources) {
    if (typeof resource !== 'string') {
      throw new TypeError(`A resource must be a string, not ${kindOf(resource)}`);
    }
    if (!resource.isWellFormed()) {
      throw new RangeError('A resource must be well-formed Unicode, without lone surrogates');
    }
    if (resource === '') throw new RangeError('A resource must not be an empty string');
    if (isHelperKey(keyPrefix + resource)) {
      throw new RangeError(
        `The resource ${JSON.stringify(resource)} would be the name of a helper key; choose another name`,
      );
    }
    if (!mayBePermit && isPermitKey(keyPrefix + resource)) {
      throw new RangeError(
        `The resource ${JSON.stringify(resource)} would be the permit of a semaphore; use semaphore(), or choose another name`,
      );
    }
  }
  return resources;
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

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

/** A token that shows whose it is, to everybody who can read the nodes. */
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
