import { barChart } from '../chart.js';
import { Fleet, type OpenSubject, withSubjects } from '../fleet.js';
import { lockAndRelease, type Subject } from '../libraries/library.js';
import type { Plan } from '../plan.js';
import { EVERYBODYS_NAMES, REFERENCE } from '../roster.js';
import { show, showSpread, type Spread, spreadOf } from '../spread.js';
import { ratioHeader, section } from '../table.js';
import type { Chapter } from './index.js';

export interface Crowd {
  readonly workers: number;
  /**
   * The resources that a worker locks: a new one each time, always the same one that no other worker locks, or one that
   * all workers lock.
   */
  readonly resources: 'new' | 'own' | 'one';
}

/** A resource that is new to the nodes costs them a fencing counter more. */
const CROWDS = [64, 512].flatMap((workers): Crowd[] => [
  { workers, resources: 'new' },
  { workers, resources: 'own' },
]);

export const throughput: Chapter = async ({ plan: { throughput: plan }, progress, files }) => {
  await using fleet = await Fleet.start();
  return await withSubjects(EVERYBODYS_NAMES, fleet.servers, async (subjects) => {
    const series = [];
    const sections: string[] = [];
    for (const crowd of CROWDS) {
      const { workers, resources } = crowd;
      progress(`throughput, ${workers} workers, ${resources} resources`);
      const rows = await measureThroughput(fleet, subjects, REFERENCE, crowd, plan);
      sections.push(crowdSection(crowd, rows, plan));
      if (resources === 'own') continue;
      const bars = rows.map(({ name, locksPerSecond }) => ({ name, spread: locksPerSecond }));
      series.push({ label: `${workers} workers`, bars });
    }
    const title = 'Locks per second, five servers, new resources (median; line: min to max)';
    files['bench.svg'] = barChart(title, series);
    return sections;
  });
};

function crowdSection(
  { workers, resources }: Crowd,
  rows: readonly Throughput[],
  plan: Plan['throughput'],
): string {
  const which = resources === 'new' ? 'a new resource each time' : 'each its own resource';
  return section(
    `Throughput, ${workers} workers, ${which}`,
    `${workers} concurrent workers in one process, each acquires and releases, ${resources === 'new' ? which : 'the same resource again and again, that no other worker wants'}. Medians of ${plan.rounds} rounds of ${plan.ms} ms (min–max over the rounds), the subjects in turn, the order reversed each round. CPU, commands and bytes are for one lock, over all five servers; what scripts call inside a server is no command.`,
    [
      '',
      'locks/s',
      ratioHeader(rows),
      'client CPU µs',
      'server CPU µs',
      'commands',
      'bytes on the wire',
    ],
    rows.map((row) => [
      row.name,
      showSpread(row.locksPerSecond, 0),
      showSpread(row.ratio, 2),
      showSpread(row.clientMicros, 0),
      showSpread(row.serverMicros, 0),
      show(row.commands.median, 2),
      show(row.bytes.median, 0),
    ]),
  );
}

const FIGURES = ['locksPerSecond', 'clientMicros', 'serverMicros', 'commands', 'bytes'] as const;

/** All but the first are for one lock. */
type Cell = Readonly<Record<(typeof FIGURES)[number], number>>;

export type Throughput = { readonly name: string; readonly ratio: Spread } & Readonly<
  Record<keyof Cell, Spread>
>;

/** Workers that lock and release. Subjects take turns, the order reversed each round. */
export async function measureThroughput(
  fleet: Fleet,
  subjects: readonly OpenSubject[],
  reference: string,
  crowd: Crowd,
  plan: Plan['throughput'],
): Promise<Throughput[]> {
  const counted: (OpenSubject & { onlyInScripts: ReadonlySet<string>; cells: Cell[] })[] = [];
  for (const subject of subjects) {
    const onlyInScripts = await fleet.onlyInScripts(subject.name);
    counted.push({ ...subject, onlyInScripts, cells: [] });
  }
  const measure = ({ subject, onlyInScripts }: (typeof counted)[number]): Promise<Cell> =>
    measureCell(fleet, subject, onlyInScripts, crowd, plan);
  // Uncounted: code that has not run under this load yet is still being compiled.
  for (const one of counted) await measure(one);
  for (let round = 0; round < plan.rounds; round++) {
    for (const one of round % 2 === 0 ? counted : counted.toReversed()) {
      one.cells.push(await measure(one));
    }
  }
  const references = counted.find(({ name }) => name === reference)?.cells ?? [];
  return counted.map(({ name, cells }) => {
    const of = (figure: keyof Cell): Spread => spreadOf(cells.map((cell) => cell[figure]));
    const ratios = cells.map(
      ({ locksPerSecond }, round) => locksPerSecond / (references[round]?.locksPerSecond ?? NaN),
    );
    const spreads = Object.fromEntries(FIGURES.map((figure) => [figure, of(figure)]));
    return { name, ratio: spreadOf(ratios), ...(spreads as Record<keyof Cell, Spread>) };
  });
}

async function measureCell(
  { meter }: Fleet,
  subject: Subject,
  onlyInScripts: ReadonlySet<string>,
  crowd: Crowd,
  { warmUpMs, ms }: Plan['throughput'],
): Promise<Cell> {
  await meter.clear();
  await work(subject, 'warm-up', crowd, warmUpMs);
  globalThis.gc?.();
  const endMetering = await meter.begin();
  const sentBefore = subject.sent() ?? 0;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const locks = await work(subject, 'measured', crowd, ms);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const sent = subject.sent();
  const usage = await endMetering();
  const commands = sent === null ? usage.commands(onlyInScripts) : sent - sentBefore;
  return {
    locksPerSecond: locks / seconds,
    clientMicros: (user + system) / locks,
    serverMicros: (usage.cpuSeconds * 1e6) / locks,
    commands: commands / locks,
    bytes: usage.bytes / locks,
  };
}

/** @returns how many locks were taken and released */
async function work(
  subject: Subject,
  prefix: string,
  { workers, resources }: Crowd,
  ms: number,
): Promise<number> {
  const end = performance.now() + ms;
  let locks = 0;
  const worker = async (id: number): Promise<void> => {
    while (performance.now() < end) {
      const names = { new: `${prefix}:${id}:${locks}`, own: `${prefix}:${id}`, one: prefix };
      await lockAndRelease(subject, names[resources]);
      locks++;
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, id) => worker(id)));
  return locks;
}
