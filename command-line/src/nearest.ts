import { closestMatch } from 'leven';

/** `; did you mean X?` if one of the names is much like what was given, else `; there are X and Y`. */
export function insteadOf(given: string, names: readonly string[]): string {
  const nearest = closestMatch(given, names, { maxDistance: Math.ceil(given.length / 3) });
  return nearest === undefined ? `; there are ${names.join(', ')}` : `; did you mean ${nearest}?`;
}
