import { commandsBetween } from './server-meter.js';
import { spreadOf, type Spread } from './spread.js';
import type { OpenSubject, Deployment } from './deployment.js';
import { lockAndRelease, type Subject } from './subject.js';

const PER_LOCK = ['clientMicros', 'serverMicros', 'commands', 'bytes'] as const;

type Figure = 'locksPerSecond' | (typeof PER_LOCK)[number];

export type Throughput = { readonly name: string; readonly ratio: Spread } & Readonly<
  Record<Figure, Spread>
>;

export interface Crowd {
  readonly workers: number;
  /**
   * The resources that a worker locks: another one each time, or always the same one, that nobody else wants, or one and
   * the same that all want.
   */
  readonly resources: 'new' | 'own' | 'one';
}

export interface ThroughputPlan {
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly ms: number;
}

/** A subject, and which commands are its scripts' only, for a client that does not count. */
interface Counted extends OpenSubject {
  readonly onlyInScripts: ReadonlySet<string>;
}

/** Workers that lock and release. Subjects take turns, the order reversed each round. */
export async function measureThroughput(
  deployment: Deployment,
  open: readonly OpenSubject[],
  reference: string,
  crowd: Crowd,
  plan: ThroughputPlan,
): Promise<Throughput[]> {
  const subjects: Counted[] = [];
  for (const subject of open) {
    subjects.push({ ...subject, onlyInScripts: await deployment.onlyInScripts(subject.name) });
  }
  const cells = new Map<string, Record<Figure, number>[]>(subjects.map(({ name }) => [name, []]));
  // Uncounted: code that has not run under this load yet is still being compiled.
  for (const subject of subjects) await measureCell(deployment, subject, crowd, plan);
  for (let round = 0; round < plan.rounds; round++) {
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
      cells.get(subject.name)?.push(await measureCell(deployment, subject, crowd, plan));
    }
  }
  const figures = (name: string, figure: Figure): number[] =>
    (cells.get(name) ?? []).map((cell) => cell[figure]);
  const references = figures(reference, 'locksPerSecond');
  return subjects.map(({ name }) => {
    const of = (figure: Figure): Spread => spreadOf(figures(name, figure));
    const ratios = figures(name, 'locksPerSecond').map(
      (locks, round) => locks / (references[round] ?? NaN),
    );
    return {
      name,
      ratio: spreadOf(ratios),
      locksPerSecond: of('locksPerSecond'),
      clientMicros: of('clientMicros'),
      serverMicros: of('serverMicros'),
      commands: of('commands'),
      bytes: of('bytes'),
    };
  });
}

async function measureCell(
  { meter }: Deployment,
  { subject, onlyInScripts }: Counted,
  crowd: Crowd,
  { warmUpMs, ms }: ThroughputPlan,
): Promise<Record<Figure, number>> {
  await meter.clear();
  const endTurn = subject.beginTurn?.();
  await work(subject, 'warm-up', crowd, warmUpMs);
  globalThis.gc?.();
  const before = await meter.read();
  const sentBefore = subject.sent() ?? 0;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const locks = await work(subject, 'measured', crowd, ms);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const sentAfter = subject.sent();
  const after = await meter.read();
  endTurn?.();
  const sent =
    sentAfter === null ? commandsBetween(before, after, onlyInScripts) : sentAfter - sentBefore;
  return {
    locksPerSecond: locks / seconds,
    clientMicros: (user + system) / locks,
    serverMicros: ((after.cpuSeconds - before.cpuSeconds) * 1e6) / locks,
    commands: sent / locks,
    bytes: (after.bytes - before.bytes) / locks,
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
      const resource = names[resources];
      await lockAndRelease(subject, resource);
      locks++;
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, id) => worker(id)));
  return locks;
}
