import { write } from 'node:fs';

export const STDERR = 2;

let written = Promise.resolve();

/** Resolves when everything that was told so far is written. */
export function allTold(): Promise<void> {
  return written;
}

/**
 * Tells the user something in one line on stderr, because stdout belongs to the command that runs.
 *
 * Never blocks: a terminal that was halted, or a pipe that nobody reads, would otherwise stop the
 * extensions, and the end of a command whose lock is lost.
 */
export function tell(message: string): void {
  written = written.then(
    () => new Promise((resolve) => write(STDERR, `redlock: ${message}\n`, () => resolve())),
  );
}

/** A duration for people: `350 ms`, `7.2 s`, `12 min`. */
export function spoken(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 120_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}
