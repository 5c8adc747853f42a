import type { RedisNode } from '../redis-node.js';
import { commandCases } from './cases/commands.js';
import { connectionCases } from './cases/connections.js';
import { faultCases } from './cases/faults.js';
import { lockingCases } from './cases/locking.js';
import { namespaceCases } from './cases/namespaces.js';
import { quarantineCases } from './cases/quarantine.js';
import { reasonCases } from './cases/reasons.js';
import { reconnectionCases } from './cases/reconnections.js';
import { secretCases } from './cases/secrets.js';
import { subscriptionCases } from './cases/subscriptions.js';
import type { ConformanceServer, ServerAddress } from './server.js';
import { Fixture } from './fixture.js';

/** What a client is to connect to, and as whom. */
export interface ConformanceTarget extends ServerAddress {
  readonly db?: number;
  readonly keyPrefix?: string;
  readonly username?: string;
  readonly password?: string;
  /** Hand the client over before it has connected. */
  readonly lazy?: boolean;
}

/** A node of the adapter under test, and how to close the client behind it. */
export interface ConnectedNode {
  readonly node: RedisNode;
  readonly close: () => unknown;
}

/** What not every adapter, client or topology can do. */
export type Capability =
  /** Behind the node there is a server of its own. */
  | 'server'
  /** The target's `db`. */
  | 'db'
  /** The target's `keyPrefix`. */
  | 'keyPrefix'
  /** The target's `username` and `password`. */
  | 'users'
  | 'lazy'
  /** The client says why it cannot connect. */
  | 'reasons'
  | 'subscribe'
  | 'reconnect';

export interface ConformanceOptions {
  /** Makes a client, at the options that the adapter recommends, and a node of it. */
  readonly connect: (target: ConformanceTarget) => ConnectedNode | Promise<ConnectedNode>;
  /**
   * Makes the same client and no node of it, and has it connect, as somebody does who uses it for something
   * else; resolves with what closes it, also when it does not reach its server. What it does by itself to a
   * server that serves nobody is no fault of the adapter's.
   */
  readonly connectPlain?: (target: ConformanceTarget) => (() => unknown) | Promise<() => unknown>;
  /** For each case; default: redis-server or valkey-server from PATH. */
  readonly server?: () => Promise<ConformanceServer>;
  /** What cannot be done, and why: cases that need it are skipped, and say so. */
  readonly without?: Partial<Readonly<Record<Capability, string>>>;
}

export interface ConformanceCase {
  readonly name: string;
  /** Why it cannot be run. */
  readonly skip?: string;
  /** Rejects when the adapter breaks the contract. Takes up to a minute, most of them a second. */
  readonly run: () => Promise<void>;
}

/**
 * A case before it is known what it runs on.
 * @internal
 */
export interface CaseScript {
  readonly name: string;
  readonly needs: readonly Capability[];
  readonly check: (fixture: Fixture) => Promise<void>;
}

const scripts: readonly CaseScript[] = [
  ...lockingCases,
  ...commandCases,
  ...connectionCases,
  ...faultCases,
  ...reconnectionCases,
  ...reasonCases,
  ...quarantineCases,
  ...namespaceCases,
  ...secretCases,
  ...subscriptionCases,
];

/**
 * What every adapter must do, as cases for any test runner:
 * `for (const { name, skip, run } of adapterConformance(options)) (skip ? test.skip : test)(name, run)`.
 */
export function adapterConformance(options: ConformanceOptions): ConformanceCase[] {
  const { without = {} } = options;
  return scripts.map(({ name, needs, check }) => {
    const lack = needs.find((need) => without[need] !== undefined);
    const run = async (): Promise<void> => {
      const fixture = await Fixture.setUp(options);
      try {
        await check(fixture);
      } finally {
        await fixture.tearDown();
      }
    };
    return lack === undefined ? { name, run } : { name, run, skip: `no ${lack}: ${without[lack]}` };
  });
}
