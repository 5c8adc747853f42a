/** A duration for people: `350 ms`, `7.2 s`, `12 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 120_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}

/** `for 7.2 s`, of a time until a key expires. */
export function formatExpiry(ms: number | null): string {
  return ms === null ? 'without expiry' : `for ${formatDuration(ms)}`;
}

/** `1 node`, `3 nodes`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
