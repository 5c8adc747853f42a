import { setImmediate as immediate } from 'node:timers/promises';
import { quantile, spreadOf, type Spread } from './spread.js';
import type { OpenSubject } from './deployment.js';
import { lockAndRelease } from './subject.js';

export interface Latency {
  readonly name: string;
  /** Of the rounds' medians, in ms. */
  readonly ms: Spread;
  /** Of the rounds' 99th percentiles, in ms. */
  readonly p99: Spread;
  /** Of the rounds' medians over the reference's in the same round. */
  readonly ratio: Spread;
}

/**
 * One caller, one lock at a time. The subjects take turns operation by operation, in an order drawn
 * anew each time, so that what the machine does besides, and replies that come after a predecessor's
 * quorum, fall on all of them alike.
 */
export async function measureLatency(
  subjects: readonly OpenSubject[],
  reference: string,
  { rounds, operations }: { rounds: number; operations: number },
): Promise<Latency[]> {
  await timeRound(subjects, 'warm-up', operations);
  const results: Map<string, Float64Array>[] = [];
  for (let round = 0; round < rounds; round++) {
    globalThis.gc?.();
    results.push(await timeRound(subjects, `round-${round}`, operations));
  }
  return subjects.map(({ name }) => {
    const at = (share: number, whose = name): number[] =>
      results.map((times) => quantile(times.get(whose) ?? [], share));
    const medians = at(0.5);
    const references = at(0.5, reference);
    return {
      name,
      ms: spreadOf(medians),
      p99: spreadOf(at(0.99)),
      ratio: spreadOf(medians.map((median, round) => median / (references[round] ?? NaN))),
    };
  });
}

/** @returns ms an operation by subject, ascending */
async function timeRound(
  subjects: readonly OpenSubject[],
  label: string,
  operations: number,
): Promise<Map<string, Float64Array>> {
  const taken = new Map(subjects.map(({ name }) => [name, new Float64Array(operations)]));
  for (let operation = 0; operation < operations; operation++) {
    for (const { name, subject } of shuffled(subjects)) {
      const resource = `${name}:${label}:${operation}`;
      const start = performance.now();
      await lockAndRelease(subject, resource);
      const ms = performance.now() - start;
      const times = taken.get(name);
      if (times) times[operation] = ms;
      await immediate();
    }
  }
  return new Map([...taken].map(([name, times]) => [name, times.toSorted()]));
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
