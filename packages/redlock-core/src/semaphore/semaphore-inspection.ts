import { closedError, quote, QuorumError } from '../errors.js';
import { tellVotes, votesOf, type Response } from '../node/response.js';
import { Claim } from '../protocol/claim.js';
import { inspect } from '../protocol/operation.js';
import { PermitKeys, permitLine } from '../protocol/permit-keys.js';
import { judgeHolders } from '../quorum/holders.js';
import type { Quorum } from '../quorum/quorum.js';
import { judgeAll } from '../quorum/verdict.js';
import type { SemaphoreInspection } from '../semaphore.js';

export interface SemaphoreInspectionServices {
  readonly quorum: Quorum;
  readonly keyPrefix: string;
  /** Aborts when the Redlock is closed. */
  readonly closed: AbortSignal;
}

/**
 * Asks every node for the keys of all permits.
 * @throws QuorumError if fewer than a quorum of nodes answer
 * @internal
 */
export async function semaphoreInspection(
  { quorum, keyPrefix, closed }: SemaphoreInspectionServices,
  name: string,
  permits: number,
): Promise<SemaphoreInspection> {
  if (closed.aborted) throw closedError([name]);
  const line = permitLine(name, keyPrefix);
  const readings = await Promise.all(
    Array.from({ length: permits }, async (_, permit) => {
      const claim = new Claim(new PermitKeys(line, permit, permits, false), '');
      const { responses } = await quorum.ask(inspect(claim), judgeAll);
      requireQuorum(name, responses, quorum.size);
      return responses.flatMap(({ detail }) => detail ?? []);
    }),
  );
  const holders = readings.flatMap((states, permit) => {
    const answers = states.map((state) => state.holders);
    return judgeHolders(answers, quorum.size).holders.map(({ token, owner, ttl }) => {
      return { permit, token, owner, ttl };
    });
  });
  const waiting = Math.max(...readings.flat().map((state) => state.waiting));
  return { name, permits, held: holders.length, holders, waiting };
}

function requireQuorum(name: string, responses: readonly Response[], quorum: number): void {
  if (responses.filter(({ vote }) => vote !== 'failed').length >= quorum) return;
  const votes = votesOf(responses.map((response) => ({ ...response, detail: undefined })));
  const message =
    `Fewer than a quorum of nodes could be asked who holds the permits of ${quote([name])}; ` +
    `check the nodes that failed. Votes: ${tellVotes(votes)}`;
  throw new QuorumError(message, [name], votes);
}
