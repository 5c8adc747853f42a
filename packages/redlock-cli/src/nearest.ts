/** `; did you mean X?` if one of the names is much like what was given, otherwise `; there are X and Y`. */
export function insteadOf(given: string, names: readonly string[]): string {
  const [nearest] = names
    .map((name) => ({ name, distance: distanceOf(given, name) }))
    .filter(({ distance }) => distance <= Math.ceil(given.length / 3))
    .toSorted((one, other) => one.distance - other.distance);
  return nearest === undefined
    ? `; there are ${names.join(', ')}`
    : `; did you mean ${nearest.name}?`;
}

/** The Levenshtein distance: how many characters must be inserted, deleted or replaced. */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let line = 0; line < one.length; line++) {
    const next = [line + 1];
    for (let column = 0; column < other.length; column++) {
      const replaced = (row[column] ?? 0) + (other[column] === one[line] ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
