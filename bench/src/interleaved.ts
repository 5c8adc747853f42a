/** What a subject's operations took, in ms. */
export interface Timing {
  readonly median: number;
  readonly p99: number;
}

/**
 * Times subjects one operation each in turn, the order reversed every time, so that what the machine
 * does besides falls on all of them alike. The first tenth warms up and is not counted.
 */
export async function timeInterleaved<Name extends string>(
  subjects: Readonly<Record<Name, (operation: number) => Promise<unknown>>>,
  operations: number,
): Promise<Record<Name, Timing>> {
  const names = Object.keys(subjects) as Name[];
  const taken = new Map(names.map((name) => [name, new Float64Array(operations)]));
  const warmUp = Math.ceil(operations / 10);
  for (let operation = -warmUp; operation < operations; operation++) {
    for (const name of operation % 2 === 0 ? names : names.toReversed()) {
      const start = performance.now();
      await subjects[name](operation);
      const ms = performance.now() - start;
      const times = taken.get(name);
      if (times && operation >= 0) times[operation] = ms;
    }
  }
  return Object.fromEntries(
    [...taken].map(([name, times]) => [name, summarize(times.toSorted())]),
  ) as Record<Name, Timing>;
}

function summarize(sorted: Float64Array): Timing {
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? NaN;
  return { median: at(0.5), p99: at(0.99) };
}
