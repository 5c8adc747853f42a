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
import { semaphoreCases } from './cases/semaphores.js';
import { sharingCases } from './cases/sharing.js';
import { subscriptionCases } from './cases/subscriptions.js';
import type { ConformanceServer, ServerAddress } from './server.js';
import { Fixture } from './fixture.js';

/** The server that a client is to connect to, and how. */
export interface ConformanceTarget extends ServerAddress {
  readonly db?: number;
  readonly keyPrefix?: string;
  readonly username?: string;
  readonly password?: string;
  /** Hand the client over before it has connected. */
  readonly lazy?: boolean;
}

/** A node of the adapter under test, and a function that closes the client behind it. */
export interface ConnectedNode {
  readonly node: RedisNode;
  readonly close: () => unknown;
}

/** Something that some adapters, clients or topologies cannot do. */
export type Capability =
  /** Each case has a server of its own behind its node. */
  | 'server'
  /** The target's `db`. */
  | 'db'
  /** The target's `keyPrefix`. */
  | 'keyPrefix'
  /** The target's `username` and `password`. */
  | 'users'
  | 'lazy'
  /** The node's `lastError`. */
  | 'lastError'
  /** The client says why it reaches no server. */
  | 'reasons'
  | 'subscribe'
  | 'reconnect';

/** What the suite needs to know of an adapter. */
export interface ConformanceOptions {
  /** Makes a client with the options that the adapter recommends, and a node of it. */
  readonly connect: (target: ConformanceTarget) => ConnectedNode | Promise<ConnectedNode>;
  /**
   * Makes the same client without a node and has it connect, as a user does who needs it for something else. Resolves
   * with a function that closes it, also if it does not reach its server. Whatever such a client does by itself to a
   * server that serves no client is no fault of the adapter.
   */
  readonly connectPlain?: (target: ConformanceTarget) => (() => unknown) | Promise<() => unknown>;
  /** Starts a server for one case. Default: redis-server or valkey-server from PATH. */
  readonly server?: () => Promise<ConformanceServer>;
  /** What cannot be done, and why. Cases that need it are skipped with that reason. */
  readonly without?: Partial<Readonly<Record<Capability, string>>>;
}

/** One case of the suite. */
export interface ConformanceCase {
  readonly name: string;
  /** Why the case cannot be run. */
  readonly skip?: string;
  /** Runs the case. Rejects if the adapter breaks the contract. Most cases take a second, some up to a minute. */
  readonly run: () => Promise<void>;
}

/**
 * A case, before it is known on what it runs.
 * @internal
 */
export interface CaseScript {
  readonly name: string;
  readonly needs: readonly Capability[];
  readonly check: (fixture: Fixture) => Promise<void>;
}

const scripts: readonly CaseScript[] = [
  ...lockingCases,
  ...semaphoreCases,
  ...commandCases,
  ...connectionCases,
  ...faultCases,
  ...reconnectionCases,
  ...reasonCases,
  ...quarantineCases,
  ...namespaceCases,
  ...secretCases,
  ...sharingCases,
  ...subscriptionCases,
];

/**
 * The cases that every adapter must pass, for any test runner.
 * @example
 * ```ts
 * for (const { name, skip, run } of adapterConformance(options)) (skip ? test.skip : test)(name, run);
 * ```
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
