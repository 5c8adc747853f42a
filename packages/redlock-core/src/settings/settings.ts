import type { RedlockOptions } from '../options.js';
import { isLabel, isWord } from '../protocol/token.js';
import type { RedisNode } from '../redis-node.js';
import { acquireSettingsOf, SHARED_OPTIONS, type AcquireSettings } from './acquire-settings.js';
import {
  isPositive,
  POSITIVE,
  requireKnown,
  requireNumber,
  requireObject,
  requireTimeout,
} from './argument.js';

/** Settings that are the same for every call of a Redlock. */
interface OwnSettings {
  readonly keyPrefix: string;
  readonly driftFactor: number;
  readonly nodeTimeout: number | undefined;
  readonly quarantine: boolean | 'strict';
  readonly quarantineTime: number | undefined;
  /** The label in the tokens of this Redlock; `undefined`: they have none. */
  readonly owner: string | undefined;
}

export interface Settings extends OwnSettings {
  /** The defaults of each call. */
  readonly acquire: AcquireSettings;
}

const DEFAULTS: OwnSettings = {
  keyPrefix: '',
  driftFactor: 0.01,
  nodeTimeout: undefined,
  quarantine: true,
  quarantineTime: undefined,
  owner: undefined,
};

const KNOWN: ReadonlySet<string> = new Set([...SHARED_OPTIONS, ...Object.keys(DEFAULTS)]);

export function parseRedlockOptions(options: RedlockOptions = {}): Settings {
  requireObject(options);
  requireKnown(options, KNOWN);
  const {
    keyPrefix = DEFAULTS.keyPrefix,
    driftFactor = DEFAULTS.driftFactor,
    nodeTimeout = DEFAULTS.nodeTimeout,
    quarantine = DEFAULTS.quarantine,
    quarantineTime = DEFAULTS.quarantineTime,
    owner = DEFAULTS.owner,
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
  if (owner !== undefined) requireLabel(owner);
  const acquire = { ...acquireSettingsOf(options), signal: undefined };
  return { acquire, keyPrefix, driftFactor, nodeTimeout, quarantine, quarantineTime, owner };
}

/** @throws TypeError, RangeError if it cannot be the label of an owner */
function requireLabel(owner: unknown): void {
  if (typeof owner !== 'string') throw new TypeError('owner must be a string');
  if (isWord(owner)) {
    throw new RangeError(`owner must not be ${JSON.stringify(owner)}, which nodes use themselves`);
  }
  if (!isLabel(owner)) {
    throw new RangeError(
      'owner must have 1 to 40 characters from space to ~, and no colon, ' +
        `not ${JSON.stringify(owner)}`,
    );
  }
}

const METHODS = ['call', 'connect', 'onReady'] as const;

/** In a URL. */
const CREDENTIALS = /:\/\/[^/]*@/;

/** @throws TypeError if they are not nodes; RangeError if there is none, if two have one name, or for a bad timeout */
export function parseNodes(nodes: Iterable<RedisNode>): readonly RedisNode[] {
  if (typeof (nodes as Iterable<RedisNode> | undefined)?.[Symbol.iterator] !== 'function') {
    throw new TypeError('nodes must be an iterable of nodes');
  }
  const list = [...nodes];
  if (list.length === 0) throw new RangeError('A Redlock needs at least one node');
  const names = new Set<string>();
  for (const node of list as readonly (Partial<RedisNode> | null | undefined)[]) {
    requireNode(node);
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

/** @throws TypeError */
function requireNode(node: Partial<RedisNode> | null | undefined): asserts node is RedisNode {
  if (node instanceof Promise) throw new TypeError('A node must not be a promise; await it first');
  const missing = METHODS.filter((method) => typeof node?.[method] !== 'function');
  const name = node?.name;
  // A client of ioredis has `call` and `connect`, too, but no name.
  if (typeof name !== 'string' || missing.length > 1) {
    throw new TypeError(
      'A node must be made by an adapter, as in ioredisNode(client), not be a client itself',
    );
  }
  if (missing.length > 0)
    throw new TypeError(
      `A node lacks ${missing[0]}: its adapter must implement it. See RedisNode.`,
    );
  if (name === '') throw new TypeError('The name of a node must not be empty');
  if (CREDENTIALS.test(name)) {
    throw new TypeError('The name of a node is shown in errors, so it must have no credentials');
  }
}
