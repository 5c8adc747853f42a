import { isLabel } from '../settings/owner-label.js';
import type { Denial } from './reading.js';

/** The random part of a token, as nanoid makes it. */
const SECRET = /^[\w-]{21}$/;

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

/** The labels of those that hold the key of a denial, as far as their tokens have one. */
export function ownersIn({ value, tokens = [value] }: Denial): readonly string[] {
  return tokens.flatMap((token) => ownerOf(token) ?? []);
}
