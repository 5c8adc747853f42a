import { setImmediate as immediate } from 'node:timers/promises';
import { Fleet, NODES, type OpenSubject, withSubjects } from '../fleet.js';
import { withHelpers } from '../helper.js';
import { lockAndRelease, type Address } from '../libraries/library.js';
import { measureIdleRound } from '../meter.js';
import type { LatencyPlan } from '../plan.js';
import { CLOSEST, EVERYBODYS_NAMES, REFERENCE } from '../roster.js';
import { medianOf, quantile, show, showSpread, type Spread, spreadOf } from '../spread.js';
import { ratioHeader, section } from '../table.js';
import type { Chapter } from './index.js';

interface Latency {
  readonly name: string;
  /** The rounds' medians, in ms. */
  readonly ms: Spread;
  /** The rounds' 99th percentiles, in ms. */
  readonly p99: Spread;
  /** The rounds' medians of: a turn's median over that of the reference's turn beside it. */
  readonly ratio: Spread;
}

const COUNTS = [NODES, 3];

/** A caller alone, on the same machine. */
export const latency: Chapter = async ({ plan: { latency: plan }, progress }) => {
  const sections: string[] = [];
  for (const nodes of COUNTS) {
    progress(`latency, ${nodes} nodes`);
    await using fleet = await Fleet.start(nodes);
    const rows = await withSubjects(EVERYBODYS_NAMES, fleet.servers, (subjects) =>
      measureLatency(subjects, REFERENCE, plan),
    );
    const explanation = `One caller, one lock at a time, ${nodes} nodes, after ${plan.warmUp} locks of warm-up; the subjects in turns of ${plan.locks} locks whose first does not count, in an order drawn again each time. Medians of ${plan.rounds} rounds of ${plan.turns} turns (min–max over the rounds). A ratio is that of a turn's median to the median of the turn by hand beside it; the copy's difference from 1 is noise.`;
    sections.push(latencySection(`Latency, alone, ${nodes} nodes`, explanation, rows));
  }
  return sections;
};

const NETWORK_LIMIT = 10_000;

/** A caller alone, with a network between it and the nodes. */
export const delay: Chapter = async ({ plan: { delays }, progress }) => {
  const sections: string[] = [];
  for (const { delayMs, ...plan } of delays) {
    progress(`a lone caller with ${delayMs} ms of delay`);
    await using fleet = await Fleet.start();
    const { roundMs, rows } = await overNetwork(fleet.servers, delayMs, async (nodes) => ({
      roundMs: await measureIdleRound(nodes),
      rows: await withSubjects(CLOSEST, nodes, (subjects) =>
        measureLatency(subjects, REFERENCE, plan),
      ),
    }));
    const explanation = `One caller, one lock at a time, five nodes behind a proxy that passes everything on ${delayMs} ms later, each way, with a timer's precision; it is a process of its own. A round that does nothing takes ${show(roundMs, 2)} ms. Turns of ${plan.locks} locks, medians of ${plan.rounds} rounds of ${plan.turns} turns (min–max over the rounds).`;
    sections.push(latencySection(`Latency, alone, ${delayMs} ms away`, explanation, rows));
  }
  return sections;
};

async function overNetwork<T>(
  servers: readonly Address[],
  delayMs: number,
  work: (nodes: readonly Address[]) => Promise<T>,
): Promise<T> {
  return withHelpers('delayNetwork', [{ servers, delayMs }], async (run) => {
    const [output] = await run(NETWORK_LIMIT);
    return work(output?.nodes ?? []);
  });
}

/**
 * One caller, one lock at a time. The subjects take short turns, in an order drawn again each time, so
 * that the machine's drift, and garbage collection, fall on all of them alike.
 */
export async function measureLatency(
  subjects: readonly OpenSubject[],
  reference: string,
  plan: LatencyPlan,
): Promise<Latency[]> {
  const warmUp = Math.ceil(plan.warmUp / plan.locks);
  await takeTurns(subjects, 'warm-up', { ...plan, turns: warmUp });
  const rounds: Turns[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    globalThis.gc?.();
    rounds.push(await takeTurns(subjects, `round-${round}`, plan));
  }
  const mediansOf = (turns: Turns, name: string): number[] =>
    (turns.get(name) ?? []).map((times) => medianOf(times));
  return subjects.map(({ name }) => {
    const over = (share: number): Spread =>
      spreadOf(rounds.map((turns) => quantile((turns.get(name) ?? []).flat(), share)));
    const ratios = rounds.map((turns) => {
      const references = mediansOf(turns, reference);
      return medianOf(mediansOf(turns, name).map((ms, turn) => ms / (references[turn] ?? NaN)));
    });
    return { name, ms: over(0.5), p99: over(0.99), ratio: spreadOf(ratios) };
  });
}

/** The times of the locks of each turn, in ms, by subject. */
type Turns = ReadonlyMap<string, readonly number[][]>;

async function takeTurns(
  subjects: readonly OpenSubject[],
  label: string,
  { turns, locks }: LatencyPlan,
): Promise<Turns> {
  const taken = new Map<string, number[][]>(subjects.map(({ name }) => [name, []]));
  for (let turn = 0; turn < turns; turn++) {
    for (const { name, subject } of shuffled(subjects)) {
      const times: number[] = [];
      for (let lock = 0; lock < locks; lock++) {
        const resource = `${name}:${label}:${turn}:${lock}`;
        const start = performance.now();
        await lockAndRelease(subject, resource);
        times.push(performance.now() - start);
        // Replies that come after the quorum are handled in no one's time.
        await immediate();
      }
      taken.get(name)?.push(times.slice(1));
    }
  }
  return taken;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

function latencySection(title: string, explanation: string, rows: readonly Latency[]): string {
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
