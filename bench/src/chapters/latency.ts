import { setImmediate as immediate } from 'node:timers/promises';
import { type Chapter, type Row, type Table, tableOf } from '../chapter.js';
import { medianOf, quantile, type Spread, spreadOf } from '../figure.js';
import { lockAndRelease, type OpenLibrary, withLibraries } from '../libraries/library.js';
import { ALL, CLOSEST, COPY, FASTEST, REFERENCE } from '../libraries/roster.js';
import { measureIdleRound, NODES, Servers } from '../servers.js';
import { withWorkers } from '../worker.js';

/**
 * The libraries take turns of `locks` locks each, `turns` of them in a round. The first lock of a turn does not count: it
 * meets a connection that has been idle.
 */
interface Plan {
  /** Locks that each library takes before anything counts: code is compiled while they run. */
  readonly warmUp: number;
  readonly rounds: number;
  readonly turns: number;
  readonly locks: number;
}

const FULL: Plan = { warmUp: 20_000, rounds: 5, turns: 25, locks: 40 };
const SHORT: Plan = { warmUp: 200, rounds: 3, turns: 5, locks: 40 };

/** A caller alone, on the same machine. */
export const latency: Chapter = {
  name: 'latency',
  measures: 'a lock of a lone caller',
  page: 'bench',
  run: async ({ short, progress }) => {
    const plan = short ? SHORT : FULL;
    const tables: Table[] = [];
    for (const nodes of [NODES, 3]) {
      progress(`latency, ${nodes} nodes`);
      await using servers = await Servers.start(nodes);
      const explanation = `One caller, one lock at a time, ${nodes} nodes, after ${plan.warmUp} locks of warm-up; the libraries in turns of ${plan.locks} locks whose first does not count, in an order drawn again each time. Medians of ${plan.rounds} rounds of ${plan.turns} turns (min–max over the rounds). A ratio of medians is that of a turn to the turn beside it; one of p99 is that of the rounds.`;
      const rows = await withLibraries(ALL, servers.addresses, (open) => measure(open, plan));
      tables.push(latencyTable(`Latency, alone, ${nodes} nodes`, explanation, rows));
    }
    return tables;
  },
};

const DISTANCES = [
  { delayMs: 1, warmUp: 160, rounds: 5, turns: 4, locks: 40 },
  { delayMs: 10, warmUp: 20, rounds: 5, turns: 4, locks: 5 },
];
const PROXIES_LIMIT = 10_000;

/** A caller alone, with a network between it and the nodes. */
export const distance: Chapter = {
  name: 'distance',
  measures: 'a lock of a lone caller, 1 and 10 ms away',
  page: 'bench',
  run: async ({ short, progress }) => {
    const tables: Table[] = [];
    for (const { delayMs, ...full } of DISTANCES) {
      progress(`a lone caller ${delayMs} ms away`);
      const plan = short ? { ...full, warmUp: 10, rounds: 2, turns: 2, locks: 5 } : full;
      await using servers = await Servers.start();
      const inputs = [{ nodes: servers.addresses, delayMs }];
      const { roundMs, rows } = await withWorkers('delayNetwork', inputs, async (run) => {
        const [nodes = []] = await run(PROXIES_LIMIT);
        return {
          roundMs: await measureIdleRound(nodes),
          rows: await withLibraries(CLOSEST, nodes, (open) => measure(open, plan)),
        };
      });
      const explanation = `One caller, one lock at a time, five nodes behind a proxy that passes everything on ${delayMs} ms later, each way, with a timer's precision; it is a separate process. A round that does nothing takes ${roundMs.toFixed(2)} ms. Turns of ${plan.locks} locks, medians of ${plan.rounds} rounds of ${plan.turns} turns (min–max over the rounds).`;
      tables.push(latencyTable(`Latency, alone, ${delayMs} ms away`, explanation, rows));
    }
    return tables;
  },
};

function latencyTable(title: string, explanation: string, rows: readonly Row[]): Table {
  const noise = COPY.name;
  return tableOf(
    title,
    explanation,
    [
      { key: 'ms', heading: 'acquire + release, ms', digits: 3 },
      { key: 'p99', heading: 'p99, ms', digits: 2 },
      { key: 'ratio', heading: `× ${REFERENCE.name}`, digits: 2, noise },
      { key: 'p99Ratio', heading: `p99 × ${REFERENCE.name}`, digits: 2, noise },
      { key: 'fastest', heading: `× ${FASTEST.name}`, digits: 2 },
      { key: 'p99Fastest', heading: `p99 × ${FASTEST.name}`, digits: 2 },
    ],
    rows,
  );
}

/**
 * One caller, one lock at a time. The libraries take short turns, in an order drawn again each time, so that the machine's
 * drift, and garbage collection, fall on all of them alike.
 */
async function measure(libraries: readonly OpenLibrary[], plan: Plan): Promise<Row[]> {
  const warmUp = Math.ceil(plan.warmUp / plan.locks);
  await takeTurns(libraries, 'warm-up', { ...plan, turns: warmUp });
  const rounds: Turns[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    globalThis.gc?.();
    rounds.push(await takeTurns(libraries, `round-${round}`, plan));
  }
  return libraries.map(({ name }) => {
    const over = (share: number): Spread =>
      spreadOf(rounds.map((turns) => quantile(turnsOf(turns, name).flat(), share)));
    const ratioTo = (other: string): Spread =>
      spreadOf(
        rounds.map((turns) => {
          const others = turnsOf(turns, other).map((times) => medianOf(times));
          const ratios = turnsOf(turns, name).map(
            (times, turn) => medianOf(times) / (others[turn] ?? NaN),
          );
          return medianOf(ratios);
        }),
      );
    const p99To = (other: string): Spread =>
      spreadOf(
        rounds.map(
          (turns) =>
            quantile(turnsOf(turns, name).flat(), 0.99) /
            quantile(turnsOf(turns, other).flat(), 0.99),
        ),
      );
    const figures = {
      ms: over(0.5),
      p99: over(0.99),
      ratio: ratioTo(REFERENCE.name),
      p99Ratio: p99To(REFERENCE.name),
      fastest: ratioTo(FASTEST.name),
      p99Fastest: p99To(FASTEST.name),
    };
    return { name, figures };
  });
}

/** The times of the locks of each turn, in ms, by library. */
type Turns = ReadonlyMap<string, readonly (readonly number[])[]>;

function turnsOf(turns: Turns, name: string): readonly (readonly number[])[] {
  return turns.get(name) ?? [];
}

async function takeTurns(
  libraries: readonly OpenLibrary[],
  label: string,
  { turns, locks }: Plan,
): Promise<Turns> {
  const taken = new Map<string, number[][]>(libraries.map(({ name }) => [name, []]));
  for (let turn = 0; turn < turns; turn++) {
    for (const library of shuffled(libraries)) {
      const times: number[] = [];
      for (let lock = 0; lock < locks; lock++) {
        const resource = `${library.name}:${label}:${turn}:${lock}`;
        const start = performance.now();
        await lockAndRelease(library, resource);
        times.push(performance.now() - start);
        // Replies that come after the quorum are handled in the time of no lock.
        await immediate();
      }
      taken.get(library.name)?.push(times.slice(1));
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
