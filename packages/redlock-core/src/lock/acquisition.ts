import { attempt, type Attempt } from '../attempt/attempt.js';
import { roundTripOf, votesOf } from '../node/response.js';
import type { Core } from './core.js';
import { LockLostError } from '../errors.js';
import { Hold } from './lease.js';
import { isBusy, requestError } from '../attempt/refusal.js';
import { pauseFor, throwIfEnded, type Request } from '../attempt/request.js';
import { Waiter } from '../waiting/waiter.js';

/** Simulated for up to 7 nodes and 20 contenders: somebody had the lock in every case. */
const SPLIT_RETRIES = 5;
const SPLIT_ROUND_TRIPS = 8;

/** Tries until granted or until no further attempt may start. */
export async function acquire(core: Core, request: Request): Promise<Hold> {
  if (request.wait === 0) return acquireAtOnce(core, request);
  const waiter = new Waiter(core, request);
  try {
    for (;;) {
      while (!waiter.isTurn) await waiter.turn();
      const result = await contend(core, request, () => waiter.asking());
      if (result.granted) return hold(core, request, result);
      await waiter.refused(result);
    }
  } finally {
    waiter.leave();
  }
}

async function acquireAtOnce(core: Core, request: Request): Promise<Hold> {
  const result = await contend(core, request);
  if (result.granted) return hold(core, request, result);
  throw requestError(core, request, result);
}

/** Tries once; null: others hold it. */
export async function tryAcquire(core: Core, request: Request): Promise<Hold | null> {
  const result = await contend(core, request);
  if (result.granted) return hold(core, request, result);
  if (isBusy(result)) return null;
  throw requestError(core, request, result);
}

/** Takes over a lock of another process. @param token the one that it is held with */
export async function adopt(core: Core, request: Request, token: string): Promise<Hold> {
  throwIfEnded(core, request);
  const result = await attempt(core, request, token);
  if (result.granted) return hold(core, request, result);
  throwIfEnded(core, request);
  if (!isBusy(result)) throw requestError(core, request, result);
  throw new LockLostError('TAKEN', request.resources, votesOf(result.ballots));
}

/**
 * One attempt; again, after a random pause, while contenders split the votes of a free resource:
 * otherwise none of those who ask in the same moment may get it.
 */
async function contend(core: Core, request: Request, asking?: () => void): Promise<Attempt> {
  const { resources } = request;
  for (let retries = 0; ; retries++) {
    throwIfEnded(core, request);
    asking?.();
    const result = await attempt(core, request);
    if (result.granted) return result;
    throwIfEnded(core, request);
    if (isBusy(result)) {
      core.events.emit('contended', { resources, votes: votesOf(result.ballots) });
    }
    if (result.refusal !== 'split' || retries === SPLIT_RETRIES) return result;
    const window = SPLIT_ROUND_TRIPS * roundTripOf(result.ballots) * 2 ** retries;
    await pauseFor(window * core.runtime.random(), core, request);
  }
}

/** Holds a granted claim; released instead if the caller has gone in the meantime. */
function hold(
  core: Core,
  request: Request,
  { claim, validity }: Extract<Attempt, { granted: true }>,
): Hold | Promise<never> {
  const held = new Hold(core, request, claim, validity);
  try {
    throwIfEnded(core, request);
    return held;
  } catch (reason) {
    return held.release(0).then(() => {
      throw reason;
    });
  }
}
