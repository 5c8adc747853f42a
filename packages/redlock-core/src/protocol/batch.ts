import type { Asked } from './batches.js';
import { encodeNativeGrant, hasNativeForm, NATIVE_GRANT, readNativeGrant } from './native-grant.js';
import type { Operation } from './operation.js';
import { programFor, type Form, type Program } from './program.js';
import { asksForPermit, expiryOf, hasEntries, hasQueues, letterOf, setsOf } from './wording.js';

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
