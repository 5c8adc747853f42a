import type { Check } from './check.js';
import { canVote } from './voting.js';

/** Finds that fewer than a quorum of the nodes can vote, so that nobody gets a lock. */
export const quorum: Check = ({ nodes, terms }) => {
  const needed = Math.floor(nodes.length / 2) + 1;
  const voters = nodes.filter((node) => canVote(node, terms));
  if (voters.length >= needed) return [];
  const others = nodes.filter((node) => !voters.includes(node)).map(({ name }) => name);
  return [
    {
      level: 'unsound',
      code: 'NO_QUORUM',
      node: null,
      message:
        `${voters.length} of ${nodes.length} nodes can vote, and a lock needs ${needed}, so nobody gets one; ` +
        `these cannot: ${others.join(', ')}`,
      remedy: 'first do what is said about these nodes',
    },
  ];
};
