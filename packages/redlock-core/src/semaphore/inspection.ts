import { RedlockClosedError, quote } from '../errors.js';
import { judgeHolders, statesIn, unknownError } from '../lease/inspection.js';
import { LockKeys, type SemaphoreKeys } from '../protocol/keys.js';
import type { Quorum } from '../quorum/quorum.js';
import type { SemaphoreInspection } from '../semaphore.js';

export interface SemaphoreInspectionServices {
  readonly quorum: Quorum;
  /** Aborts when the Redlock is closed. */
  readonly closed: AbortSignal;
}

/**
 * Asks every node for the keys of all permits.
 * @throws QuorumError if fewer than a quorum of nodes answer; RedlockClosedError
 */
export async function inspectSemaphore(
  { quorum, closed }: SemaphoreInspectionServices,
  name: string,
  semaphore: SemaphoreKeys,
): Promise<SemaphoreInspection> {
  const { permits } = semaphore;
  if (closed.aborted) throw new RedlockClosedError([name]);
  const states = await Promise.all(
    Array.from({ length: permits }, async (_, permit) => {
      const keys = new LockKeys([semaphore.keyOf(permit)], false, 'exclusive', true, semaphore);
      const responses = await quorum.inspect(keys);
      const answered = statesIn(responses);
      if (answered.length >= quorum.size) return answered;
      throw unknownError(`Cannot inspect the semaphore ${quote([name])}`, name, responses);
    }),
  );
  const holders = states.flatMap((each, permit) =>
    judgeHolders(each, quorum.size).holders.map(({ token, owner, expiresIn }) => {
      return { permit, token, owner, expiresIn };
    }),
  );
  const waiting = Math.max(0, ...states.flat().map((state) => state.waiting));
  return { name, permits, held: holders.length, holders, waiting };
}
