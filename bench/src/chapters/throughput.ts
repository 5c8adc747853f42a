import { type Chapter, type Row, type Table, tableOf } from '../chapter.js';
import { medianOf, type Spread, spreadOf } from '../figure.js';
import { sentCommands } from '../libraries/clients.js';
import { lockAndRelease, type OpenLibrary, withLibraries } from '../libraries/library.js';
import { ALL, COPY, REFERENCE, RIVALS } from '../libraries/roster.js';
import { Servers } from '../servers.js';

const FULL = { rounds: 5, warmUpMs: 500, ms: 2000 };
const SHORT = { rounds: 2, warmUpMs: 100, ms: 200 };
type Plan = typeof FULL;

interface Crowd {
  readonly workers: number;
  /** A resource that is new to the nodes costs them a fencing counter more. */
  readonly resources: 'new' | 'own';
}

const CROWDS = [64, 512].flatMap((workers): Crowd[] => [
  { workers, resources: 'new' },
  { workers, resources: 'own' },
]);

/** Workers of one process. */
export const throughput: Chapter = {
  name: 'throughput',
  measures: '64 and 512 workers of one process, and what a lock of theirs costs',
  page: 'bench',
  run: async ({ short, progress }) => {
    const plan = short ? SHORT : FULL;
    await using servers = await Servers.start();
    return await withLibraries(ALL, servers.addresses, async (open) => {
      const tables: Table[] = [];
      for (const crowd of CROWDS) {
        progress(`throughput, ${crowd.workers} workers, ${crowd.resources} resources`);
        tables.push(crowdTable(crowd, plan, await measure(servers, open, crowd, plan)));
      }
      return tables;
    });
  },
};

function crowdTable({ workers, resources }: Crowd, plan: Plan, rows: readonly Row[]): Table {
  const which = resources === 'new' ? 'a new resource each time' : 'each its own resource';
  return tableOf(
    `Throughput, ${workers} workers, ${which}`,
    `${workers} concurrent workers in one process, each acquires and releases, ${resources === 'new' ? which : 'the same resource again and again, that no other worker wants'}. Medians of ${plan.rounds} rounds of ${plan.ms} ms (min–max over the rounds), the libraries in turn, the order reversed each round. The best rival is the other library over ioredis with the most locks in this table. CPU, commands and bytes are for one lock, over all five servers; what scripts call inside a server is no command.`,
    [
      { key: 'locks', heading: 'locks/s', digits: 0 },
      { key: 'ratio', heading: `× ${REFERENCE.name}`, digits: 2, noise: COPY.name },
      { key: 'rival', heading: '× best rival', digits: 2 },
      { key: 'client', heading: 'client CPU µs', digits: 0 },
      { key: 'servers', heading: 'server CPU µs', digits: 0 },
      { key: 'commands', heading: 'commands', digits: 2 },
      { key: 'bytes', heading: 'bytes on the wire', digits: 0 },
    ],
    rows,
  );
}

/** All but the first are for one lock. */
interface Turn {
  readonly locks: number;
  readonly client: number;
  readonly servers: number;
  readonly commands: number;
  readonly bytes: number;
}

/** Workers that lock and release. Libraries take turns, the order reversed each round. */
async function measure(
  servers: Servers,
  libraries: readonly OpenLibrary[],
  crowd: Crowd,
  plan: Plan,
): Promise<Row[]> {
  const measured = libraries.map((library) => ({ library, turns: [] as Turn[] }));
  // Uncounted: code that has not run under this load yet is still being compiled.
  for (const { library } of measured) await takeTurn(servers, library, crowd, plan);
  for (let round = 0; round < plan.rounds; round++) {
    for (const { library, turns } of round % 2 === 0 ? measured : measured.toReversed()) {
      turns.push(await takeTurn(servers, library, crowd, plan));
    }
  }
  const ratesOf = (name: string): number[] =>
    measured.find(({ library }) => library.name === name)?.turns.map(({ locks }) => locks) ?? [];
  const [best] = RIVALS.map(({ name }) => ratesOf(name)).toSorted(
    (a, b) => medianOf(b) - medianOf(a),
  );
  const reference = ratesOf(REFERENCE.name);
  return measured.map(({ library: { name, clients }, turns }) => {
    const over = (others: readonly number[] = []): Spread =>
      spreadOf(turns.map(({ locks }, round) => locks / (others[round] ?? NaN)));
    const of = (figure: keyof Turn): Spread => spreadOf(turns.map((turn) => turn[figure]));
    const figures = {
      locks: of('locks'),
      ratio: over(reference),
      rival: over(best),
      client: of('client'),
      servers: of('servers'),
      // Another client than ioredis is not counted.
      commands: clients.length === 0 ? null : of('commands').median,
      bytes: of('bytes').median,
    };
    return { name, figures };
  });
}

async function takeTurn(
  servers: Servers,
  library: OpenLibrary,
  crowd: Crowd,
  { warmUpMs, ms }: Plan,
): Promise<Turn> {
  await servers.clear();
  await work(library, 'warm-up', crowd, warmUpMs);
  globalThis.gc?.();
  const endMeasuring = await servers.measure();
  const sentBefore = sentCommands();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const locks = await work(library, 'measured', crowd, ms);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const commands = sentCommands() - sentBefore;
  const usage = await endMeasuring();
  return {
    locks: locks / seconds,
    client: (user + system) / locks,
    servers: (usage.cpuSeconds * 1e6) / locks,
    commands: commands / locks,
    bytes: usage.bytes / locks,
  };
}

/** @returns how many locks were taken and released */
async function work(
  library: OpenLibrary,
  prefix: string,
  { workers, resources }: Crowd,
  ms: number,
): Promise<number> {
  const end = performance.now() + ms;
  let locks = 0;
  const worker = async (id: number): Promise<void> => {
    while (performance.now() < end) {
      await lockAndRelease(library, `${prefix}:${id}${resources === 'new' ? `:${locks}` : ''}`);
      locks++;
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, id) => worker(id)));
  return locks;
}
