import { setImmediate as immediate } from 'node:timers/promises';
import type { OpenSubject } from './deployment.js';
import { quantile, spreadOf, type Spread } from './spread.js';
import { lockAndRelease } from './subject.js';

export interface Latency {
  readonly name: string;
  /** Of the rounds' medians, in ms. */
  readonly ms: Spread;
  /** Of the rounds' 99th percentiles, in ms. */
  readonly p99: Spread;
  /** Of the rounds' medians of: a turn's median over that of the reference's turn beside it. */
  readonly ratio: Spread;
}

export interface LatencyPlan {
  readonly rounds: number;
  /** Of each subject in a round. */
  readonly turns: number;
  /** In a turn. */
  readonly locks: number;
}

/** The times of the locks of a turn, in ms, ascending. */
type Turn = readonly number[];

/**
 * One caller, one lock at a time. The subjects take short turns, in an order drawn anew each time, so
 * that the machine's drift, and garbage collection, fall on all of them alike.
 */
export async function measureLatency(
  subjects: readonly OpenSubject[],
  reference: string,
  plan: LatencyPlan,
): Promise<Latency[]> {
  await takeTurns(subjects, 'warm-up', plan);
  const rounds: Map<string, Turn[]>[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    globalThis.gc?.();
    rounds.push(await takeTurns(subjects, `round-${round}`, plan));
  }
  return subjects.map(({ name }) => {
    const over = (share: number): Spread =>
      spreadOf(rounds.map((turns) => quantile(ascending((turns.get(name) ?? []).flat()), share)));
    const ratios = rounds.map((turns) => {
      const references = medians(turns.get(reference) ?? []);
      const own = medians(turns.get(name) ?? []);
      return quantile(ascending(own.map((ms, turn) => ms / (references[turn] ?? NaN))), 0.5);
    });
    return { name, ms: over(0.5), p99: over(0.99), ratio: spreadOf(ratios) };
  });
}

async function takeTurns(
  subjects: readonly OpenSubject[],
  label: string,
  { turns, locks }: LatencyPlan,
): Promise<Map<string, Turn[]>> {
  const taken = new Map<string, Turn[]>(subjects.map(({ name }) => [name, []]));
  for (let turn = 0; turn < turns; turn++) {
    for (const { name, subject } of shuffled(subjects)) {
      const times: number[] = [];
      const endTurn = subject.beginTurn?.();
      for (let lock = 0; lock < locks; lock++) {
        const resource = `${name}:${label}:${turn}:${lock}`;
        const start = performance.now();
        await lockAndRelease(subject, resource);
        times.push(performance.now() - start);
        // Replies that come after the quorum are handled in no one's time.
        await immediate();
      }
      endTurn?.();
      taken.get(name)?.push(ascending(times));
    }
  }
  return taken;
}

function medians(turns: readonly Turn[]): number[] {
  return turns.map((turn) => quantile(turn, 0.5));
}

function ascending(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
