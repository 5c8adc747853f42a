import type { Holder, Inspection, NodeInspection } from 'redlock-core';
import { spoken } from '../spoken.js';

const STATES: Record<Inspection['state'], (inspection: Inspection) => string> = {
  free: () => 'is free',
  exclusive: ({ holders }) => `is locked by ${listOf(holders)}`,
  shared: ({ holders }) => `is shared by ${listOf(holders)}`,
  undecided: () => 'changes hands: the nodes disagree, so look again in a moment',
  unknown({ nodes }) {
    const answers = nodes.filter(({ error }) => !error).length;
    return `is unknown: only ${answers} of ${nodes.length} nodes answered, so check the others`;
  },
};

/** Who holds a lock, for people. Shows no token, because whoever has it can release the lock. */
export function described(inspection: Inspection): string {
  const { resource, waiting, nodes, holders } = inspection;
  const width = Math.max(...nodes.map(({ node }) => node.length));
  const lines = [
    `${resource} ${STATES[inspection.state](inspection)}`,
    ...(waiting > 0
      ? [`${waiting} ${waiting === 1 ? 'process waits' : 'processes wait'} for it`]
      : []),
    ...nodes.map((node) => `  ${node.node.padEnd(width)}  ${keyOn(node, holders)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** Changes with whatever is not only a matter of time. */
export function fingerprint({ state, holders, waiting, nodes }: Inspection): string {
  return JSON.stringify([
    state,
    waiting,
    holders.map(({ token }) => token),
    nodes.map(({ token, error }) => [token, error?.code]),
  ]);
}

function listOf(holders: readonly Holder[]): string {
  return holders.map(({ owner, expiresIn }) => `${owner ?? 'somebody'} ${timeLeft(expiresIn)}`).join(', ');
}

function keyOn({ token, expiresIn, error }: NodeInspection, holders: readonly Holder[]): string {
  if (error) return `failed: ${error.message}`;
  if (token === null) return expiresIn === null ? 'free' : `shared ${timeLeft(expiresIn)}`;
  const holder = holders.find((one) => one.token === token);
  const others = holders.length > 0 ? 'somebody else' : 'somebody';
  const who = holder ? (holder.owner ?? 'its holder') : others;
  return `${who} ${timeLeft(expiresIn)}`;
}

function timeLeft(ttl: number | null): string {
  return ttl === null ? 'without expiry' : `for ${spoken(ttl)} more`;
}
