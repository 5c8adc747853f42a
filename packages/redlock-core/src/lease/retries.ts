import type { LockKeys } from '../protocol/keys.js';
import { isLocked, type AttemptResult, type FailedAttempt } from '../quorum/attempt.js';
import { SPLIT_RETRIES, splitPause } from '../quorum/backoff.js';
import { Pause } from '../time/pause.js';
import { anyFreePermit, hasRoom } from '../waiting/denials.js';
import { judgeHolders, statesIn } from './inspection.js';
import type { LeaseServices } from './lease.js';
import { throwIfCanceled, type LockRequest } from './request.js';

type Services = Pick<LeaseServices, 'quorum' | 'runtime' | 'closed'>;

/**
 * A caller of a semaphore requests another permit at once this often in a row. In practice a few times are enough; a key
 * that is no string reads as free and is never granted.
 */
const MAX_MOVES = 16;

/** After this many split votes, any permit is requested: what a dead process left on half of the nodes may split them. */
const MAX_PERMIT_SPLITS = 3;

/**
 * Makes further attempts for a caller that has no time to wait. If contenders have split the votes of a free resource,
 * each pauses for a random time; otherwise none of several that request it at the same moment might get it. For
 * semaphores, another permit is requested while one is free.
 * @throws the reason of the caller's signal, or RedlockClosedError
 */
export async function retrying(
  request: LockRequest,
  { quorum, runtime, closed }: Services,
  first: FailedAttempt,
  attempt: (keys: LockKeys) => Promise<AttemptResult>,
): Promise<AttemptResult> {
  let { keys } = request;
  let failed = first;
  for (let splits = 0, moves = 0; ;) {
    const { responses, verdict } = failed;
    let permit: number | null = null;
    if (verdict === 'split' && splits < SPLIT_RETRIES) {
      const pause = splitPause(quorum.roundTrip, splits++, runtime);
      await new Pause(pause, runtime, [request.signal, closed]).over;
      permit = anyFreePermit(responses, quorum, runtime);
      if (permit === null && keys.semaphore && splits >= MAX_PERMIT_SPLITS) {
        permit = Math.floor(runtime.random() * keys.semaphore.permits);
      }
    } else {
      if (verdict !== 'locked' || moves++ === MAX_MOVES || !hasRoom(responses, quorum)) {
        return failed;
      }
      permit = anyFreePermit(responses, quorum, runtime);
    }
    if (permit !== null) keys = keys.ofPermit(permit);
    throwIfCanceled(request, closed);
    const result = await attempt(keys);
    if (result.granted) return result;
    failed = result;
  }
}

/**
 * Takes the lock from its holder: adopts the token that a quorum of nodes has. If others steal it at the same time, each
 * pauses for a random time, so that the newest caller has it in the end.
 * @param attempt makes one, which adopts a token; `undefined`: an ordinary one
 * @throws the reason of the caller's signal, or RedlockClosedError
 */
export async function stealing(
  request: LockRequest,
  { quorum, runtime, closed }: Services,
  attempt: (adopts: string | undefined) => Promise<AttemptResult>,
): Promise<AttemptResult> {
  for (let tries = 0; ; tries++) {
    const states = statesIn(await quorum.inspect(request.keys, request.signal));
    const [holder] = judgeHolders(states, quorum.size).holders;
    const isLock = holder?.mode === 'exclusive' && holder.expiresIn !== null;
    throwIfCanceled(request, closed);
    const result = await attempt(isLock ? holder.token : undefined);
    const isOver = result.granted || !isLocked(result) || tries === SPLIT_RETRIES - 1;
    if (isOver || (holder && !isLock)) return result;
    const pause = splitPause(quorum.roundTrip, tries, runtime);
    await new Pause(pause, runtime, [request.signal, closed]).over;
    throwIfCanceled(request, closed);
  }
}
