import type { RedisNode } from './redis-node.js';
import { driftOf } from './validity.js';

/** How to wait for a lock and how to hold it. */
export interface AcquireOptions {
  /** How long to keep trying, in ms: attempts start within it. Default 5000; 0 tries once; Infinity is allowed. */
  wait?: number | undefined;
  /** Cancels the waiting, never a lock already granted. */
  signal?: AbortSignal | undefined;
  /**
   * Pause between two attempts while nothing is announced, in ms. Default 200. It doubles up to ten times
   * that while a quorum's announcements are heard.
   */
  retryDelay?: number | undefined;
  /** At most this much, at random, is added to each pause, in ms. Default 100. */
  retryJitter?: number | undefined;
  /** Extend the lock at every third of its ttl for as long as it is held. Default false; always on in `using`. */
  autoExtend?: boolean | undefined;
  /**
   * How long after the grant the lock is extended automatically at most, in ms: a routine that hangs
   * must not keep it for ever. Default Infinity. Explicit extensions are not limited.
   */
  maxHold?: number | undefined;
  /**
   * In the async context of a `using` routine, with this set for both, take a handle on what that
   * holds already, and only the rest from the nodes. Default false.
   */
  reentrant?: boolean | undefined;
  /** Have the nodes agree on a fencing token. Default true. */
  fencing?: boolean | undefined;
}

/** How to connect. */
export interface ConnectOptions {
  /** How long to wait for a quorum of nodes, in ms. Default 5000; 0 only looks; Infinity is allowed. */
  wait?: number | undefined;
}

/** How to close. */
export interface CloseOptions {
  /** Release whatever is still held, also in `using` routines, and wait for that. Default false. */
  release?: boolean | undefined;
}

/** Defaults for every acquire of this Redlock, and what is the same for all of them. */
export interface RedlockOptions extends Omit<AcquireOptions, 'signal'> {
  /** Put before every resource to make its key. Default ''. */
  keyPrefix?: string | undefined;
  /** The part of a ttl by which clocks may drift apart over it, at least 0 and below 1. Default 0.01. */
  driftFactor?: number | undefined;
  /**
   * How long one command to a node may take, in ms. Default 5% of the operation's ttl, at least 50
   * and at most 1000. A node's own `timeout` wins.
   */
  nodeTimeout?: number | undefined;
  /**
   * Whether the grants of a node that has restarted, or was replaced, do not count for `quarantineTime`: it
   * may have forgotten who holds a lock. `true`, the default: where that is seen, or has happened since this
   * Redlock was made. `'strict'`: also at first sight of any node that has not been up for so long.
   * `false`: for nodes that fsync every write before they answer; also lets one server pass for two nodes.
   */
  quarantine?: boolean | 'strict' | undefined;
  /**
   * How long, in ms; no shorter than the longest ttl that any client of these nodes uses. Default: the
   * longest ttl, extension or `keepFor` that this Redlock has used, at least 5000.
   */
  quarantineTime?: number | undefined;
}

/**
 * Every setting of one acquire, defaults filled in.
 * @internal
 */
export interface AcquireSettings {
  readonly wait: number;
  readonly signal: AbortSignal | undefined;
  readonly retryDelay: number;
  readonly retryJitter: number;
  readonly autoExtend: boolean;
  readonly maxHold: number;
  readonly reentrant: boolean;
  readonly fencing: boolean;
}

/** @internal */
export interface Settings {
  readonly acquire: AcquireSettings;
  readonly keyPrefix: string;
  readonly driftFactor: number;
  readonly nodeTimeout: number | undefined;
  readonly quarantine: boolean | 'strict';
  readonly quarantineTime: number | undefined;
}

const DEFAULTS: Settings = {
  acquire: {
    wait: 5000,
    signal: undefined,
    retryDelay: 200,
    retryJitter: 100,
    autoExtend: false,
    maxHold: Infinity,
    reentrant: false,
    fencing: true,
  },
  keyPrefix: '',
  driftFactor: 0.01,
  nodeTimeout: undefined,
  quarantine: true,
  quarantineTime: undefined,
};

/** @internal */
export function parseRedlockOptions(options: RedlockOptions = {}): Settings {
  requireObject(options);
  const {
    keyPrefix = DEFAULTS.keyPrefix,
    driftFactor = DEFAULTS.driftFactor,
    nodeTimeout = DEFAULTS.nodeTimeout,
    quarantine = DEFAULTS.quarantine,
    quarantineTime = DEFAULTS.quarantineTime,
  } = options;
  if (typeof keyPrefix !== 'string') throw new TypeError('keyPrefix must be a string');
  if (!keyPrefix.isWellFormed()) {
    throw new RangeError('keyPrefix must be well-formed Unicode, without lone surrogates');
  }
  requireNumber('driftFactor', driftFactor, 'at least 0 and below 1', (n) => n >= 0 && n < 1);
  if (nodeTimeout !== undefined) requireTimeout('nodeTimeout', nodeTimeout);
  if (typeof quarantine !== 'boolean' && quarantine !== 'strict') {
    throw new TypeError("quarantine must be a boolean or 'strict'");
  }
  if (quarantineTime !== undefined) {
    requireNumber('quarantineTime', quarantineTime, POSITIVE, isPositive);
  }
  return {
    acquire: parseAcquireOptions({ ...options, signal: undefined }, DEFAULTS.acquire),
    keyPrefix,
    driftFactor,
    nodeTimeout,
    quarantine,
    quarantineTime,
  };
}

/** @internal */
export function parseAcquireOptions(
  options: AcquireOptions | undefined,
  defaults: AcquireSettings,
): AcquireSettings {
  if (options === undefined) return defaults;
  requireObject(options);
  const {
    wait = defaults.wait,
    signal,
    retryDelay = defaults.retryDelay,
    retryJitter = defaults.retryJitter,
    autoExtend = defaults.autoExtend,
    maxHold = defaults.maxHold,
    reentrant = defaults.reentrant,
    fencing = defaults.fencing,
  } = options;
  requireNumber('wait', wait, 'at least 0', (n) => n >= 0);
  requireNumber('maxHold', maxHold, 'at least 0', (n) => n >= 0);
  requireNumber('retryDelay', retryDelay, 'finite and at least 0', isDuration);
  requireNumber('retryJitter', retryJitter, 'finite and at least 0', isDuration);
  if (typeof autoExtend !== 'boolean') throw new TypeError('autoExtend must be a boolean');
  if (typeof reentrant !== 'boolean') throw new TypeError('reentrant must be a boolean');
  if (typeof fencing !== 'boolean') throw new TypeError('fencing must be a boolean');
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError('signal must be an AbortSignal');
  }
  return { wait, signal, retryDelay, retryJitter, autoExtend, maxHold, reentrant, fencing };
}

/**
 * @returns how long to wait, in ms
 * @internal
 */
export function parseConnectOptions(options: ConnectOptions = {}): number {
  requireObject(options);
  const { wait = DEFAULTS.acquire.wait } = options;
  requireNumber('wait', wait, 'at least 0', (n) => n >= 0);
  return wait;
}

/**
 * @returns whether to release what is held
 * @internal
 */
export function parseCloseOptions(options: CloseOptions = {}): boolean {
  requireObject(options);
  const { release = false } = options;
  if (typeof release !== 'boolean') throw new TypeError('release must be a boolean');
  return release;
}

const POSITIVE = 'a positive safe integer (ms)';

function isPositive(n: number): boolean {
  return Number.isSafeInteger(n) && n > 0;
}

/**
 * @returns the ttl, a whole number of ms longer than its own drift
 * @internal
 */
export function parseTtl(ttl: number, driftFactor: number): number {
  requireNumber('ttl', ttl, POSITIVE, isPositive);
  const drift = driftOf(ttl, driftFactor);
  if (ttl <= drift) {
    throw new RangeError(`ttl must exceed its own drift of ${drift} ms, not ${ttl}`);
  }
  return ttl;
}

/** @internal */
export function parseKeepFor(keepFor: number): void {
  requireNumber('keepFor', keepFor, POSITIVE, isPositive);
}

/** @internal */
export function parseNodes(nodes: Iterable<RedisNode>): readonly RedisNode[] {
  if (typeof (nodes as Iterable<RedisNode> | undefined)?.[Symbol.iterator] !== 'function') {
    throw new TypeError('nodes must be an iterable of nodes');
  }
  const list = [...nodes];
  if (list.length === 0) throw new RangeError('A Redlock needs at least one node');
  const names = new Set<string>();
  for (const node of list as readonly (Partial<RedisNode> | null | undefined)[]) {
    if (!isNode(node)) {
      throw new TypeError(
        'A node must be made by an adapter, as in ioredisNode(client), not be a client itself',
      );
    }
    if (names.has(node.name)) {
      throw new RangeError(
        `Two nodes are named ${JSON.stringify(node.name)}; nodes are independent servers, give each its own name`,
      );
    }
    names.add(node.name);
    if (node.timeout !== undefined) requireTimeout(`timeout of node ${node.name}`, node.timeout);
  }
  return list;
}

function isNode(node: Partial<RedisNode> | null | undefined): node is RedisNode {
  return (
    typeof node?.name === 'string' &&
    node.name !== '' &&
    [node.call, node.connect, node.onReady].every((method) => typeof method === 'function')
  );
}

function requireTimeout(name: string, value: number): void {
  requireNumber(name, value, 'positive and finite', (n) => n > 0 && n < Infinity);
}

function isDuration(ms: number): boolean {
  return ms >= 0 && ms < Infinity;
}

function requireObject(options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError('options must be an object');
  }
}

function requireNumber(
  name: string,
  value: unknown,
  range: string,
  fits: (value: number) => boolean,
): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number`);
  if (!fits(value)) throw new RangeError(`${name} must be ${range}, not ${value}`);
}
