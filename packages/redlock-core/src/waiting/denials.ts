import type { Quorum } from '../quorum/quorum.js';
import { denialsIn, type Response } from '../quorum/response.js';
import type { Runtime } from '../time/runtime.js';

type Size = Pick<Quorum, 'size'>;

/**
 * The time in ms until the denials of an attempt expire on a quorum of nodes, as far as known. Each waiter that is ahead
 * has a window of its own first.
 *
 * A node with a free permit says when the window of those ahead ends. That helps only if one permit is free on a quorum.
 * While holders have bare quorums, others are free here and there, and waiters that came back for them would notify each
 * other all the time.
 * @returns Infinity: that is unknown, or it has run out already
 */
export function freeIn(responses: readonly Response[], { size }: Size, window: number): number {
  const remaining: number[] = [];
  const isAnyFree = mostFree(tallyFree(responses)) >= size;
  let rank = 0;
  for (const response of responses) {
    const denials = denialsIn(response);
    if (denials.length > 0) {
      const isWindow = !isAnyFree && denials.some(({ free }) => free.length > 0);
      // A key that expires in 0 ms is there for the rest of the ms.
      remaining.push(isWindow ? Infinity : 1 + Math.max(...denials.map((each) => each.remaining)));
      rank = Math.max(rank, ...denials.map((denial) => denial.rank));
    } else if (response.reading.vote === 'granted') remaining.push(0);
  }
  const ms = remaining.toSorted((a, b) => a - b)[size - 1] ?? Infinity;
  return ms > 0 ? ms + rank * window : Infinity;
}

/** How many nodes denied an attempt. */
export function denyingNodes(responses: readonly Response[]): number {
  return responses.filter((response) => denialsIn(response).length > 0).length;
}

/**
 * Whether a node denied an attempt for some of its keys only.
 * @param keys how many there are
 */
export function isDeniedInPart(responses: readonly Response[], keys: number): boolean {
  return responses.some((response) => {
    const denials = denialsIn(response).length;
    return denials > 0 && denials < keys;
  });
}

/** One of the permits that are free on a quorum of nodes, or else on the most; null: none is free anywhere. */
export function anyFreePermit(
  responses: readonly Response[],
  { size }: Size,
  runtime: Pick<Runtime, 'random'>,
): number | null {
  const tally = tallyFree(responses);
  const enough = Math.min(size, mostFree(tally));
  const candidates = [...tally].filter(([, nodes]) => nodes >= enough);
  return candidates[Math.floor(runtime.random() * candidates.length)]?.[0] ?? null;
}

/** Whether a quorum of nodes would grant another permit than the one that was named, and one is free on a quorum. */
export function hasRoom(responses: readonly Response[], { size }: Size): boolean {
  const withRoom = responses.filter((response) => denialsIn(response).some(({ room }) => room));
  return withRoom.length >= size && mostFree(tallyFree(responses)) >= size;
}

/** The largest number of nodes on which one permit is free. */
function mostFree(tally: ReadonlyMap<number, number>): number {
  return Math.max(0, ...tally.values());
}

/** The number of nodes on which each permit is free. */
function tallyFree(responses: readonly Response[]): Map<number, number> {
  const tally = new Map<number, number>();
  for (const { free } of responses.flatMap((response) => denialsIn(response))) {
    for (const permit of free) tally.set(permit, (tally.get(permit) ?? 0) + 1);
  }
  return tally;
}
