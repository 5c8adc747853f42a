import type { Latency } from '../latency.js';
import { ratioHeader } from '../noise.js';
import { section } from '../section.js';
import { showSpread } from '../spread.js';

/** A caller alone. */
export function latencySection(
  title: string,
  explanation: string,
  rows: readonly Latency[],
): string {
  return section(
    title,
    explanation,
    ['', 'acquire + release, ms', 'p99, ms', ratioHeader(rows)],
    rows.map(({ name, ms, p99, ratio }) => [
      name,
      showSpread(ms, 3),
      showSpread(p99, 2),
      showSpread(ratio, 2),
    ]),
  );
}
