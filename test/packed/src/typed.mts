import { channel, tracingChannel } from 'node:diagnostics_channel';
import { Redis } from 'ioredis';
import {
  type AcquireOptions,
  type CampaignOptions,
  type Election,
  type Inspection,
  type Leader,
  type Lock,
  LockLostError,
  type LockLostMessage,
  type LockMode,
  type LockTrace,
  type PermitLock,
  type PermitOptions,
  type PermitRoutine,
  QuorumError,
  Redlock,
  RedlockClosedError,
  RedlockError,
  type RedlockOptions,
  type RedisNode,
  type ReleaseOptions,
  ResourceLockedError,
  type Routine,
  type Semaphore,
  type SemaphoreInspection,
  type TryAcquireOptions,
  type TryPermitOptions,
  type TryUsingResult,
  type Vote,
} from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { ioredisNode, ioredisNodeFromUrl } from 'redlock-ioredis-adapter';
import { type RedlockInstrumentation, instrumentRedlock } from 'redlock-opentelemetry';

const options: RedlockOptions = { keyPrefix: 'app:', wait: 100, owner: 'api-7' };
const nodes: RedisNode[] = [
  memoryNode({ name: 'memory' }),
  ioredisNode(new Redis({ lazyConnect: true }), { name: 'client', timeout: 100 }),
  ioredisNodeFromUrl('redis://localhost:6379'),
  ...[new Redis({ host: 'one', lazyConnect: true })].map((client) => ioredisNode(client)),
  ...['redis://two:6379'].map((url) => ioredisNodeFromUrl(url)),
];

export async function work(): Promise<string> {
  const redlock = new Redlock(nodes, options)
    .on('acquired', ({ lock, waited, attempts }) => console.log(lock.resources, waited, attempts))
    .on('lost', ({ lock, error }) => console.warn(lock.resources, error.reason, error.loopDelay))
    .once('nodeQuarantined', ({ node, duration }) => console.warn(node, duration))
    .on('nodeFailed', ({ node, error }) => console.warn(node, error.message));
  const how: AcquireOptions = { signal: AbortSignal.timeout(1000), autoExtend: true };
  const held: Lock = await redlock.acquire(['a', 'b'], 10_000, how);
  await held.extend(5000);
  const confirmed: boolean = await held.release({ keepFor: 10 });
  const once: TryAcquireOptions = { fencing: false };
  const tried: Lock | null = await redlock.tryAcquire('a', 1000, once);
  const seen: Inspection = await redlock.inspect('a');
  const result: number = await redlock.using('a', 1000, (signal, lock) =>
    signal.aborted ? 0 : lock.fencingToken,
  );
  const stolen: TryUsingResult<string> = await redlock.tryUsing(
    'a',
    1000,
    { steal: true },
    () => 'x',
  );
  const voted = (votes: readonly Vote[]): void => console.log(votes[0]?.result, votes[0]?.duration);
  await redlock.acquire('b', 1000, { onVotes: voted, pollInterval: 50 });
  const modes: readonly LockMode[] = seen.holders.map(({ mode }) => mode);
  const seats: Semaphore = redlock.semaphore('seats', 3);
  const patient: PermitOptions = { wait: 10_000 };
  const permit: PermitLock = await seats.acquire(1000, patient);
  const seat: number = await seats.using(1000, (_signal, lock) => lock.permit);
  const { held: inUse }: SemaphoreInspection = await seats.inspect();
  console.log(permit.permit, seat, inUse, (await seats.tryAcquire(1000))?.permit);
  await redlock.close();
  return [
    stolen.acquired && stolen.value,
    modes.length,
    confirmed,
    tried?.remaining(),
    seen.nodes.length,
    result,
  ].join();
}

export async function elect(redlock: Redlock, signal: AbortSignal): Promise<void> {
  const election: Election = redlock.election('scheduler', 10_000);
  const how: CampaignOptions = { wait: 1000, maxHold: 60_000, signal };
  const leadership: Lock = await election.campaign(how);
  await leadership.release();
  await election.lead(async (leading, { fencingToken }) => leading.aborted || fencingToken, {
    signal,
  });
  const leader: Leader | null = await election.leader();
  for await (const next of election.observe({ signal })) {
    console.log(next?.owner ?? leader?.owner, next?.expiresIn);
  }
}

/** What the types refuse: `tryAcquire` waits for nobody, and leadership is always extended and has a term. */
export async function refused(redlock: Redlock): Promise<void> {
  // @ts-expect-error
  await redlock.tryAcquire('a', 1000, { wait: 0 });
  // @ts-expect-error
  await redlock.tryAcquire('a', 1000, { pollInterval: 10 });
  // @ts-expect-error
  await redlock.acquire('a', 1000, { retryCount: 3 });
  // @ts-expect-error
  await (await redlock.acquire('a', 1000)).release(5000);
  const election = redlock.election('scheduler', 10_000);
  // @ts-expect-error
  await election.campaign({ autoExtend: false });
  // @ts-expect-error
  await election.campaign({ fencing: false });
  // @ts-expect-error
  await election.lead(() => {});
  // @ts-expect-error
  election.observe();
  // @ts-expect-error
  await redlock.semaphore('seats', 3).acquire(1000, { reentrant: true });
  // @ts-expect-error
  await redlock.semaphore('seats', 3).tryAcquire(1000, { wait: 0 });
  // @ts-expect-error
  await redlock.semaphore('seats', 3).acquire(1000, { steal: true });
  // @ts-expect-error
  new Redlock([], { mode: 'shared' });
  // @ts-expect-error
  new Redlock([], { keyPrefx: 'app:' });
  // @ts-expect-error
  memoryNode({ name: 'memory', timout: 100 });
}

export function explain(error: unknown): readonly Vote[] | string {
  if (ResourceLockedError.is(error)) return error.owners.join();
  if (QuorumError.is(error)) return error.votes;
  if (LockLostError.is(error)) return error.reason;
  if (RedlockClosedError.is(error)) return error.resources.join();
  return RedlockError.is(error) ? error.code : 'unknown';
}

/** As users write their doubles: by the public members alone, without a cast. */
export const mockedLock: Lock = {
  resources: ['a'],
  mode: 'exclusive',
  token: 'token',
  fencingToken: 1,
  signal: new AbortController().signal,
  remaining: () => 1000,
  extend: async () => {},
  release: async ({ keepFor = 0 }: ReleaseOptions = {}) => keepFor === 0,
  detach: () => {},
  [Symbol.asyncDispose]: async () => {},
};

export const mockedElection: Election = {
  campaign: async () => mockedLock,
  lead: async (routine) => void (await routine(mockedLock.signal, mockedLock)),
  leader: async () => ({ owner: 'api-7', expiresIn: 1000 }),
  async *observe() {
    yield null;
  },
};

const mockedPermit: PermitLock = { ...mockedLock, permit: 0 };

export const mockedSemaphore: Semaphore = {
  name: 'seats',
  permits: 3,
  acquire: async () => mockedPermit,
  tryAcquire: async () => null,
  using: async <T,>(
    _ttl: number,
    ...rest: [PermitRoutine<T>] | [PermitOptions, PermitRoutine<T>]
  ) => (rest.length === 1 ? rest[0] : rest[1])(mockedPermit.signal, mockedPermit),
  tryUsing: async <T,>(
    _ttl: number,
    ...rest: [PermitRoutine<T>] | [TryPermitOptions, PermitRoutine<T>]
  ) => ({
    acquired: true as const,
    value: await (rest.length === 1 ? rest[0] : rest[1])(mockedPermit.signal, mockedPermit),
  }),
  adopt: async () => mockedPermit,
  inspect: async () => ({ name: 'seats', permits: 3, held: 0, holders: [], waiting: 0 }),
};

export const mockedRedlock: Redlock = {
  acquire: async () => mockedLock,
  tryAcquire: async () => null,
  using: async <T,>(
    _resources: string | readonly string[],
    _ttl: number,
    ...rest: [Routine<T>] | [AcquireOptions, Routine<T>]
  ) => (rest.length === 1 ? rest[0] : rest[1])(mockedLock.signal, mockedLock),
  tryUsing: async () => ({ acquired: false }),
  adopt: async () => mockedLock,
  inspect: async (resource) => ({ resource, state: 'free', holders: [], waiting: 0, nodes: [] }),
  election: () => mockedElection,
  semaphore: () => mockedSemaphore,
  connect: async () => {},
  on() {
    return this;
  },
  once() {
    return this;
  },
  off() {
    return this;
  },
  close: async () => {},
  [Symbol.asyncDispose]: async () => {},
};

/** A class of one's own may extend or implement it. */
export class CountingRedlock extends Redlock {
  acquired = 0;

  override async acquire(...args: Parameters<Redlock['acquire']>): Promise<Lock> {
    this.acquired++;
    return super.acquire(...args);
  }
}

export function instrument(): RedlockInstrumentation {
  const { dispose } = instrumentRedlock({ group: (resource) => resource.split(':')[0] });
  dispose();
  return instrumentRedlock();
}

export function watch(): void {
  const acquiring = tracingChannel<unknown, LockTrace>('redlock:acquire');
  acquiring.asyncEnd.subscribe((message) => {
    const { operation, outcome, waited } = message as LockTrace;
    console.log(operation, outcome, waited);
  });
  channel('redlock:lost').subscribe((message) => {
    const { resources, reason, loopDelay } = message as LockLostMessage;
    console.warn(resources, reason, loopDelay);
  });
}
