import type { Operation } from './operation.js';
import { programFor, type Program } from './program.js';

/** One operation that is asked of a node, and for which some round waits. */
interface Asked {
  readonly operation: Operation;
}

/** The most keys in one command, unless a single operation has more: a script must not block its server for long. */
const MOST_KEYS = 128;

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
  return operation.claim.lockKeys.keys.length;
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

/** How long a fencing counter outlives the lock that raised it, in ms. */
interface Grace {
  readonly counterGrace: number;
}

/**
 * Makes commands from batches. Perf: time per command. A command is made once for all nodes that are sent the same
 * batch one after another.
 */
export class BatchEncoder {
  readonly #grace: Grace;
  #batch: readonly Asked[] = [];
  #command: readonly string[] = [];

  constructor(grace: Grace) {
    this.#grace = grace;
  }

  /**
   * @param program the one that runs the batch
   * @param whole whether to send the program itself instead of its digest
   */
  commandFor(batch: readonly Asked[], program: Program, whole: boolean): readonly string[] {
    const { counterGrace } = this.#grace;
    if (whole) return encode(batch, counterGrace, 'eval', program.source);
    const { length } = this.#batch;
    if (batch.length !== length || batch.some((round, i) => round !== this.#batch[i])) {
      this.#batch = batch;
      this.#command = encode(batch, counterGrace, 'evalsha', program.sha);
    }
    return this.#command;
  }
}

/** @param counterGrace how long a fencing counter outlives the lock that raised it, in ms */
function encode(
  batch: readonly Asked[],
  counterGrace: number,
  name: string,
  script: string,
): string[] {
  const args = [name, script, ''];
  for (const { operation } of batch) {
    const { lockKeys } = operation.claim;
    for (const key of lockKeys.keys) args.push(key);
    if (operation.fence !== null) for (const counter of lockKeys.counters) args.push(counter);
    if (hasQueues(operation)) for (const queue of lockKeys.queues) args.push(queue);
  }
  args[2] = String(args.length - 3);
  let section = '';
  let sectionTtl: number | null = null;
  let count = 0;
  let countAt = 0;
  for (const { operation } of batch) {
    const { kind, claim, fence, from, successor = null, entries } = operation;
    const what = whatOf(operation);
    const ttl = expiryOf(operation);
    if (section !== what || sectionTtl !== ttl) {
      section = what;
      sectionTtl = ttl;
      count = 0;
      countAt = args.push(what, '') - 1;
      if (ttl !== null) args.push(String(ttl));
      if (ttl !== null && fence !== null) args.push(String(ttl + counterGrace));
    }
    args[countAt] = String(++count);
    args.push(claim.token);
    if (fence !== null) args.push(String(fence));
    if (kind === 'release' && successor !== null) args.push(successor);
    else if (from !== undefined) args.push(from);
    else if (entries) for (const entry of entries) args.push(entry);
    else if (kind === 'release') for (const _ of claim.lockKeys.keys) args.push('');
  }
  return args;
}

/** The program that runs a batch. */
export function programOf(batch: readonly Asked[]): Program {
  const [first] = batch;
  return programFor(first && batch.length === 1 ? letterOf(first.operation) : undefined);
}

function whatOf(operation: Operation): string {
  const letter = letterOf(operation);
  const resources = operation.claim.lockKeys.keys.length;
  return resources > 1 ? letter + resources : letter;
}

function letterOf(operation: Operation): string {
  const { kind, fence, entries } = operation;
  if (kind === 'grant' && entries) return fence === null ? 'q' : 'Q';
  return leavingLetter(operation) ?? (fence === null ? LETTERS : FENCED_LETTERS)[kind];
}

function hasQueues({ kind, entries, successor = null }: Operation): boolean {
  if (kind === 'release') return successor === null;
  return kind === 'inspect' || kind === 'leave' || Boolean(entries);
}

/** The expiry that an operation sets, in ms; null: none. */
function expiryOf(operation: Operation): number | null {
  const { kind, ttl, keepFor = 0 } = operation;
  if (kind === 'release') return leavingLetter(operation) === 'k' ? keepFor : null;
  return kind === 'inspect' || kind === 'leave' ? null : ttl;
}

/** The letter of a release that leaves the keys to a successor; `undefined` for every other operation. */
function leavingLetter({ kind, successor = null, keepFor = 0 }: Operation): 'k' | 's' | undefined {
  if (kind !== 'release' || successor === null) return undefined;
  return keepFor > 0 ? 'k' : 's';
}

const LETTERS: Record<Operation['kind'], string> = {
  grant: 'g',
  adopt: 'a',
  extend: 'e',
  confirm: 'c',
  heal: 'h',
  release: 'r',
  // A release of nothing: no key holds its token.
  leave: 'r',
  inspect: 'i',
};

const FENCED_LETTERS: typeof LETTERS = {
  ...LETTERS,
  grant: 'G',
  adopt: 'A',
  extend: 'E',
  confirm: 'C',
  heal: 'H',
};

/** The replies to the operations of a batch, in their order; null if there is not one for each. */
export function decodeReply(reply: unknown, batch: readonly Asked[]): readonly unknown[] | null {
  if (batch.length === 1) return [reply];
  if (Array.isArray(reply)) return reply.length === batch.length ? reply : null;
  return Number(reply) === 1 ? batch.map(() => reply) : null;
}
