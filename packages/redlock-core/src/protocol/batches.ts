import type { Operation } from './operation.js';

/** One operation that is asked of a node, and for which some round waits. */
export interface Asked {
  readonly operation: Operation;
}

/** The most keys in one command, unless a single operation has more: a script must not block its server for long. */
const MOST_KEYS = 128;

/** A permit that is denied makes a node read the keys of all permits. To read so many takes about as long as to write one. */
const PERMITS_PER_KEY = 16;

/**
 * Shares operations out among commands, in order. If that takes several commands, operations that keep locks
 * (extensions and heals, of which there may be thousands at once) fill at most every second one.
 * @param alone whether each operation has a command of its own
 */
export function batchesOf<R extends Asked>(
  rounds: readonly R[],
  alone: boolean,
): readonly (readonly R[])[] {
  if (rounds.length === 0) return [];
  const most = alone ? 1 : MOST_KEYS;
  const keys = rounds.reduce((sum, round) => sum + keysOf(round), 0);
  if (rounds.length === 1 || keys <= most) return [rounds];
  const holding = filled(rounds.filter(isHolding), most);
  const others = filled(
    rounds.filter((round) => !isHolding(round)),
    most,
  );
  const batches: R[][] = [];
  for (let turn = 0; turn < Math.max(holding.length, others.length); turn++) {
    batches.push(...others.slice(turn, turn + 1), ...holding.slice(turn, turn + 1));
  }
  return batches;
}

function isHolding({ operation: { kind } }: Asked): boolean {
  return kind === 'extend' || kind === 'heal';
}

function keysOf({ operation }: Asked): number {
  const { keys, permits } = operation.claim.lockKeys;
  const read = operation.kind === 'grant' ? Math.floor(permits / PERMITS_PER_KEY) : 0;
  return keys.length + read;
}

function filled<R extends Asked>(rounds: readonly R[], most: number): R[][] {
  const batches: R[][] = [];
  let room = 0;
  for (const round of rounds) {
    const size = keysOf(round);
    const last = batches.at(-1);
    if (last && size <= room) last.push(round);
    else {
      batches.push([round]);
      room = most;
    }
    room -= size;
  }
  return batches;
}
