import { closedError, quote, QuorumError } from '../errors.js';
import { tellVotes, votesOf, type Response } from '../node/response.js';
import { Claim } from '../protocol/claim.js';
import { inspect, type KeyState } from '../protocol/operation.js';
import { PermitKeys, permitLine } from '../protocol/permit-keys.js';
import type { Quorum } from '../quorum/quorum.js';
import { judgeAll } from '../quorum/verdict.js';
import type { PermitHolder, SemaphoreInspection } from '../semaphore.js';

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
  const holders = readings.flatMap((states, permit) => holderIn(states, permit, quorum.size) ?? []);
  const waiting = Math.max(...readings.flat().map((state) => state.waiting));
  return { name, permits, held: holders.length, holders, waiting };
}

function requireQuorum(name: string, responses: readonly Response[], quorum: number): void {
  if (responses.filter(({ vote }) => vote !== 'failed').length >= quorum) return;
  const votes = votesOf(responses);
  const message =
    `Fewer than a quorum of nodes could be asked who holds the permits of ${quote([name])}; ` +
    `check the nodes that failed. Votes: ${tellVotes(votes)}`;
  throw new QuorumError(message, [name], votes);
}

/** The holder of a permit; null: no token is on a quorum of nodes. */
function holderIn(
  states: readonly KeyState[],
  permit: number,
  quorum: number,
): PermitHolder | null {
  for (const { token } of states) {
    if (token === null) continue;
    const same = states.filter((state) => state.token === token);
    if (same.length < quorum) continue;
    const times = same.flatMap(({ ttl }) => ttl ?? []);
    const ttl = times.length > 0 ? Math.min(...times) : null;
    return { permit, token, owner: ownerOf(token), ttl };
  }
  return null;
}

/** The label in a token, `label:<nanoid>`; null: the token has none, or it is that of another library. */
function ownerOf(token: string): string | null {
  return /^([ -9;-~]{1,40}):[\w-]{21}$/.exec(token)?.[1] ?? null;
}
