/** Makes microseconds from a clock that shows milliseconds, by counting within each millisecond. */
export function proposals(wallNow: () => number): () => number {
  let read = -Infinity;
  let latest = -Infinity;
  return () => {
    const wall = wallNow();
    latest = wall >= read ? Math.max(wall * 1000, latest + 1) : wall * 1000;
    read = wall;
    return latest;
  };
}
