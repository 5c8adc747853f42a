// Every project that compiles this file needs the declaration.
// oxlint-disable-next-line typescript/triple-slash-reference
/// <reference path="./script/lua.d.ts" />
import { createHash } from 'node:crypto';
import adopt from './script/alone/adopt.lua';
import confirm from './script/alone/confirm.lua';
import extend from './script/alone/extend.lua';
import grantPermit from './script/alone/grant-permit.lua';
import grantOrEnter from './script/alone/grant-or-enter.lua';
import grant from './script/alone/grant.lua';
import heal from './script/alone/heal.lua';
import inspect from './script/alone/inspect.lua';
import keep from './script/alone/keep.lua';
import release from './script/alone/release.lua';
import sharedAdopt from './script/alone/shared-adopt.lua';
import sharedExtend from './script/alone/shared-extend.lua';
import sharedGrant from './script/alone/shared-grant.lua';
import sharedHeal from './script/alone/shared-heal.lua';
import sharedKeep from './script/alone/shared-keep.lua';
import sharedSwap from './script/alone/shared-swap.lua';
import swap from './script/alone/swap.lua';
import batch from './script/batch.lua';
import type { NATIVE_GRANT } from './native-grant.js';

/** A script that nodes run, by its text or, once a server knows the script, by its digest. */
export class Program {
  #sha: string | undefined;

  constructor(readonly source: string) {}

  get sha(): string {
    return (this.#sha ??= createHash('sha1').update(this.source).digest('hex'));
  }
}

/** Runs any batch. What its arguments and replies mean, `script/batch.lua` says. */
const BATCH = new Program(batch);

/**
 * The programs that run a batch of one operation, by the operation's letter, with fencing or without. Arguments and
 * reply are those of {@link BATCH}.
 *
 * Perf: latency, alone. At each call, a server makes every function of a script that the call needs, and reads all
 * arguments in turn. For a batch of one, that takes longer than the operation.
 */
const ALONE: ReadonlyMap<string, Program> = new Map([
  ['g', new Program(grant)],
  ['q', new Program(grantOrEnter)],
  ['p', new Program(grantPermit)],
  ['a', new Program(adopt)],
  ['e', new Program(extend)],
  ['c', new Program(confirm)],
  ['h', new Program(heal)],
  ['r', new Program(release)],
  ['k', new Program(keep)],
  ['s', new Program(swap)],
  ['i', new Program(inspect)],
  ['b', new Program(sharedGrant)],
  ['d', new Program(sharedAdopt)],
  ['x', new Program(sharedExtend)],
  ['u', new Program(sharedHeal)],
  ['l', new Program(sharedKeep)],
  ['t', new Program(sharedSwap)],
]);

/** How a node is sent a batch. */
export type Form = Program | typeof NATIVE_GRANT;

/** Every program that a node may be sent. */
export const PROGRAMS: readonly Program[] = [BATCH, ...ALONE.values()];

/** The program with a text or a digest. */
export function findProgram(code: string): Program | undefined {
  return PROGRAMS.find(({ source, sha }) => code === sha || code === source);
}

/** @param letter that of the only operation; `undefined`: there are several operations */
export function programFor(letter: string | undefined): Program {
  return ALONE.get(letter?.toLowerCase() ?? '') ?? BATCH;
}
