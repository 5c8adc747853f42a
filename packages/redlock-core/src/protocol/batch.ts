import type { Asked } from './batches.js';
import { encodeNativeGrant, hasNativeForm, NATIVE_GRANT, readNativeGrant } from './native-grant.js';
import type { Operation } from './operation.js';
import { programFor, type Form, type Program } from './program.js';

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
  #form: Form | null = null;
  #command: readonly string[] = [];

  constructor(grace: Grace) {
    this.#grace = grace;
  }

  /**
   * @param whole whether to send a program itself instead of its digest
   */
  commandFor(batch: readonly Asked[], form: Form, whole: boolean): readonly string[] {
    if (whole && form !== NATIVE_GRANT) return this.#encode(batch, 'eval', form.source);
    if (!this.#isLatest(batch, form)) {
      this.#batch = batch;
      this.#form = form;
      this.#command =
        form === NATIVE_GRANT
          ? batch.flatMap(({ operation }) => encodeNativeGrant(operation))
          : this.#encode(batch, 'evalsha', form.sha);
    }
    return this.#command;
  }

  #isLatest(batch: readonly Asked[], form: Form): boolean {
    const { length } = this.#batch;
    if (form !== this.#form || batch.length !== length) return false;
    return batch.every((round, i) => round === this.#batch[i]);
  }

  #encode(batch: readonly Asked[], name: string, script: string): readonly string[] {
    return encode(batch, this.#grace.counterGrace, name, script);
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
    for (const set of setsOf(operation)) args.push(set);
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
    else if (asksForPermit(operation))
      args.push(entries?.[0] ?? '', String(claim.lockKeys.permits));
    else if (entries) for (const entry of entries) args.push(entry);
    else if (hasEntries(operation)) for (const _ of claim.lockKeys.keys) args.push('');
  }
  return args;
}

/**
 * How a node is sent a batch.
 * @param mayBeNative whether the node knows the native form of a grant
 */
export function formOf(batch: readonly Asked[], mayBeNative: boolean): Form {
  const [first] = batch;
  const isNative = mayBeNative && first && batch.length === 1 && hasNativeForm(first.operation);
  return isNative ? NATIVE_GRANT : programOf(batch);
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
  const what = leavingKind(operation) ?? kind;
  if (isShared(operation)) return SHARED_LETTERS[what];
  if (asksForPermit(operation)) return fence === null ? 'p' : 'P';
  if (kind === 'grant' && entries) return fence === null ? 'q' : 'Q';
  return (fence === null ? LETTERS : FENCED_LETTERS)[what];
}

function isShared({ claim }: Operation): boolean {
  return claim.lockKeys.mode === 'shared';
}

function hasQueues(operation: Operation): boolean {
  return operation.kind === 'inspect' || hasEntries(operation) || asksForPermit(operation);
}

const NO_SETS: readonly string[] = [];

function setsOf(operation: Operation): readonly string[] {
  const { lockKeys } = operation.claim;
  if (hasQueues(operation) || isShared(operation)) return lockKeys.sets;
  return operation.kind === 'grant' ? lockKeys.setsOfGrant : NO_SETS;
}

/** Whether an operation is a grant of a permit, which a semaphore has others like. */
function asksForPermit({ kind, claim }: Operation): boolean {
  return kind === 'grant' && claim.lockKeys.permits > 0;
}

/** Whether it has an entry for each key, although that may be empty. */
function hasEntries(operation: Operation): boolean {
  const { kind, entries } = operation;
  if (kind === 'release') return leavingKind(operation) === undefined;
  return kind === 'leave' || (kind === 'grant' && (Boolean(entries) || isShared(operation)));
}

/** The expiry that an operation sets, in ms; null: none. */
function expiryOf(operation: Operation): number | null {
  const { kind, ttl, keepFor = 0 } = operation;
  if (kind === 'release') return leavingKind(operation) === 'keep' ? keepFor : null;
  return kind === 'inspect' || kind === 'leave' ? null : ttl;
}

/** How a release leaves the keys to a successor; `undefined` for every other operation. */
function leavingKind({
  kind,
  successor = null,
  keepFor = 0,
}: Operation): 'keep' | 'swap' | undefined {
  if (kind !== 'release' || successor === null) return undefined;
  return keepFor > 0 ? 'keep' : 'swap';
}

const LETTERS: Record<Operation['kind'] | 'keep' | 'swap', string> = {
  grant: 'g',
  adopt: 'a',
  extend: 'e',
  confirm: 'c',
  heal: 'h',
  release: 'r',
  // A release of nothing: no key holds its token.
  leave: 'r',
  keep: 'k',
  swap: 's',
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

const SHARED_LETTERS: typeof LETTERS = {
  ...LETTERS,
  grant: 'b',
  adopt: 'd',
  extend: 'x',
  heal: 'u',
  keep: 'l',
  swap: 't',
};

/** The replies to the operations of a batch, in their order; null if there is not one for each. */
export function decodeReply(
  reply: unknown,
  batch: readonly Asked[],
  form: Form,
): readonly unknown[] | null {
  const [first] = batch;
  if (form === NATIVE_GRANT) return first ? readNativeGrant(reply, first.operation) : null;
  if (batch.length === 1) return [reply];
  if (Array.isArray(reply)) return reply.length === batch.length ? reply : null;
  return Number(reply) === 1 ? batch.map(() => reply) : null;
}
