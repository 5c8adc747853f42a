import { attempt, type Attempt } from './attempt.js';
import { votesOf, type Ballot } from './ballot.js';
import type { Core } from './core.js';
import { closedError } from './errors.js';
import { Lock } from './lock.js';
import type { LockKeys } from './lock-keys.js';
import type { AcquireSettings } from './options.js';
import { pause } from './pause.js';
import { isBusy, refusalError } from './refusal.js';

/** What a caller wants. */
export interface Request extends AcquireSettings {
  readonly resources: readonly string[];
  readonly lockKeys: LockKeys;
  readonly ttl: number;
}

/** Simulated for up to 7 nodes and 20 contenders: somebody had the lock in every case. */
const SPLIT_RETRIES = 5;
const SPLIT_ROUND_TRIPS = 8;

/** Tries until granted or until no further attempt may start. */
export async function acquire(core: Core, request: Request): Promise<Lock> {
  const { wait, retryDelay, retryJitter } = request;
  const deadline = core.runtime.now() + wait;
  for (;;) {
    const result = await contend(core, request);
    if (result.granted) return hold(core, request, result);
    const rest = deadline - core.runtime.now();
    const delay = retryDelay + core.runtime.random() * retryJitter;
    if (rest > 0) await rested(core, request, Math.min(delay, rest));
    if (delay >= rest) throw refusalError(request.resources, result);
  }
}

/** Tries once; null: others hold it. */
export async function tryAcquire(core: Core, request: Request): Promise<Lock | null> {
  const result = await contend(core, request);
  if (result.granted) return hold(core, request, result);
  if (isBusy(result)) return null;
  throw refusalError(request.resources, result);
}

/**
 * One attempt; again, after a random pause, while contenders split the votes of a free resource:
 * otherwise none of those who ask in the same moment may get it (design section 5, rule 9).
 */
async function contend(core: Core, request: Request): Promise<Attempt> {
  const { resources, lockKeys, ttl } = request;
  for (let retries = 0; ; retries++) {
    throwIfEnded(core, request);
    const result = await attempt(core, lockKeys, ttl);
    if (result.granted) return result;
    throwIfEnded(core, request);
    if (isBusy(result)) {
      core.events.emit('contended', { resources, votes: votesOf(result.ballots) });
    }
    if (result.refusal !== 'split' || retries === SPLIT_RETRIES) return result;
    const window = SPLIT_ROUND_TRIPS * roundTripOf(result.ballots) * 2 ** retries;
    await rested(core, request, window * core.runtime.random());
  }
}

/** To the slowest node that answered, in ms. */
function roundTripOf(ballots: readonly Ballot[]): number {
  return Math.max(...ballots.filter(({ vote }) => vote !== 'failed').map(({ ms }) => ms));
}

/** The handle on a granted claim; released instead if the caller has gone in the meantime. */
async function hold(
  core: Core,
  request: Request,
  { claim, validity }: Extract<Attempt, { granted: true }>,
): Promise<Lock> {
  const lock = new Lock(core, request, claim, validity);
  try {
    throwIfEnded(core, request);
  } catch (reason) {
    await lock.release();
    throw reason;
  }
  return lock;
}

async function rested(core: Core, request: Request, ms: number): Promise<void> {
  await pause(ms, core.runtime, [request.signal, core.closed]);
  throwIfEnded(core, request);
}

function throwIfEnded({ closed }: Core, { resources, signal }: Request): void {
  signal?.throwIfAborted();
  if (closed.aborted) throw closedError(resources);
}
