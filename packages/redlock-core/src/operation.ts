import type { Claim } from './claim.js';
import { extendScript } from './scripts/extend.js';
import { grantScript } from './scripts/grant.js';
import { inspectScript } from './scripts/inspect.js';
import { releaseScript } from './scripts/release.js';
import type { Script } from './scripts/script.js';

/** What a node's reply means. */
export interface Reading<T> {
  readonly vote: 'granted' | 'denied';
  readonly detail: T;
}

/** One thing to ask of a node for a claim. */
export interface Operation<T = unknown> {
  readonly kind: 'grant' | 'extend' | 'release' | 'inspect';
  readonly script: Script;
  readonly args: readonly string[];
  /** Throws where the reply is none that the script gives. */
  read(reply: unknown): Reading<T>;
}

/** Who stands in the way of a grant, on one node. */
export interface Denial {
  /** Position of the resource in the request. */
  readonly resource: number;
  /** The start of the key's value: for comparing, never shown. */
  readonly value: string;
}

export function grant(claim: Claim, ttl: number): Operation<readonly Denial[]> {
  return {
    kind: 'grant',
    script: grantScript,
    args: scriptArgs(claim, claim.token, String(ttl)),
    read: readDenials,
  };
}

export function extend(claim: Claim, ttl: number): Operation<void> {
  return {
    kind: 'extend',
    script: extendScript,
    args: scriptArgs(claim, claim.token, String(ttl)),
    read: readOwned,
  };
}

export function release(claim: Claim): Operation<void> {
  return {
    kind: 'release',
    script: releaseScript,
    args: scriptArgs(claim, claim.token),
    read: readOwned,
  };
}

/** The key as a node has it. */
export interface Sight {
  readonly token: string | null;
  readonly ttl: number | null;
}

export function inspect(claim: Claim): Operation<Sight> {
  return { kind: 'inspect', script: inspectScript, args: scriptArgs(claim), read: readSight };
}

/** As EVAL and EVALSHA take them, behind the script. */
function scriptArgs({ keys }: Claim, ...args: readonly string[]): readonly string[] {
  return [String(keys.length), ...keys, ...args];
}

function readDenials(reply: unknown): Reading<readonly Denial[]> {
  const denials = list(reply).map((denial) => {
    const [resource, value] = list(denial);
    return { resource: Number(resource), value: String(value) };
  });
  return { vote: denials.length === 0 ? 'granted' : 'denied', detail: denials };
}

function readOwned(reply: unknown): Reading<void> {
  const owned = Number(reply);
  if (owned !== 0 && owned !== 1) throw unexpectedReply();
  return { vote: owned === 1 ? 'granted' : 'denied', detail: undefined };
}

function readSight(reply: unknown): Reading<Sight> {
  const [value, pttl] = list(reply);
  const ttl = Number(pttl);
  return {
    vote: 'granted',
    detail: { token: typeof value === 'string' ? value : null, ttl: ttl >= 0 ? ttl : null },
  };
}

function list(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw unexpectedReply();
  return reply;
}

/** As a proxy may give, or a server that is not Redis. */
function unexpectedReply(): Error {
  const error = new TypeError('not a reply that the script gives');
  return Object.assign(error, { code: 'UNEXPECTED_REPLY' });
}
