import type { Holder, Inspection } from '../inspection.js';
import type { KeyHolder } from '../protocol/reading.js';
import { ownerOf } from '../protocol/owner.js';

/** What the nodes say about a resource, all together. */
export type Holding = Pick<Inspection, 'state' | 'holders'>;

/**
 * Judges who holds a resource.
 * @param answers for each node that has answered, those that hold the key there
 * @param quorum how many nodes must agree
 */
export function judgeHolders(answers: readonly (readonly KeyHolder[])[], quorum: number): Holding {
  const isOnQuorum = (count: number): boolean => count >= quorum;
  if (!isOnQuorum(answers.length)) return { state: 'unknown', holders: [] };
  const holders = holdersOn(answers, isOnQuorum);
  if (isOnQuorum(answers.filter(({ length }) => length === 0).length)) {
    return { state: 'free', holders };
  }
  // Nodes that are locked exclusively agree only if they name the same holder. Those that are shared may name others.
  const shared = answers.filter((answer) => answer.some(({ mode }) => mode === 'shared'));
  if (isOnQuorum(shared.length)) return { state: 'shared', holders };
  return { state: holders.length > 0 ? 'exclusive' : 'undecided', holders };
}

function holdersOn(
  answers: readonly (readonly KeyHolder[])[],
  isOnQuorum: (count: number) => boolean,
): Holder[] {
  const byToken = new Map<string, KeyHolder[]>();
  for (const held of answers.flat()) {
    byToken.set(held.token, [...(byToken.get(held.token) ?? []), held]);
  }
  return [...byToken.values()].filter(({ length }) => isOnQuorum(length)).flatMap(holderOf);
}

/** @param held one and the same holder, as several nodes have it */
function holderOf(held: readonly KeyHolder[]): Holder[] {
  const least = Math.min(...held.map(({ ttl }) => ttl ?? Infinity));
  const ttl = least === Infinity ? null : least;
  return held.slice(0, 1).map(({ token, mode }) => ({ token, owner: ownerOf(token), mode, ttl }));
}
