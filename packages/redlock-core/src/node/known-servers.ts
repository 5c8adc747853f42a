import { systemRuntime, type Runtime } from '../time/runtime.js';

/** The shortest quarantine by default, in ms. */
export const MIN_QUARANTINE_TIME = 5000;

/**
 * What this process knows of the servers behind one client. All Redlocks over the client share it, also those made
 * later: otherwise a new one would count a node that another one has seen restart.
 */
export interface KnownServers {
  /** The run ids that were seen last; null: no server was seen yet. */
  seen: ReadonlySet<string> | null;
  /** When it was noticed that they may have lost data, on the monotonic clock. */
  restartedAt: number;
  /** Whether other servers were seen before; otherwise they started after the first Redlock over the client was made. */
  wereReplaced: boolean;
  /** The longest `quarantineTime` that was given to a Redlock over the client, in ms; 0: none was. */
  quarantineTime: number;
  /** Whether a Redlock over the client was given no `quarantineTime`, so that the longest ttl counts too. */
  coversTtl: boolean;
}

/** What a process knows about servers. Plain data, because two copies of this package may share it. */
export interface ProcessKnowledge {
  readonly servers: WeakMap<object, KnownServers>;
  /** The longest time for which any Redlock of the process has had nodes keep anything, in ms. */
  longestTtl: number;
}

const ON_GLOBAL = Symbol.for('redlock-core/process-knowledge/1');

/** Of processes that a simulator or a test makes up: each runtime is a process of its own. */
const ofRuntimes = new WeakMap<Runtime, ProcessKnowledge>();

/**
 * What the process of a runtime knows. That of the real process is on `globalThis`, because the ES module and the
 * CommonJS copy of this package must not trust a restarted node one after the other.
 */
export function processKnowledge(runtime: Runtime): ProcessKnowledge {
  if (runtime === systemRuntime) {
    const holder = globalThis as { [ON_GLOBAL]?: ProcessKnowledge };
    return (holder[ON_GLOBAL] ??= noKnowledge());
  }
  const known = ofRuntimes.get(runtime) ?? noKnowledge();
  ofRuntimes.set(runtime, known);
  return known;
}

/** @param client the object that identifies the connection */
export function knownServersOf(client: object, { servers }: ProcessKnowledge): KnownServers {
  const known = servers.get(client) ?? {
    seen: null,
    restartedAt: -Infinity,
    wereReplaced: false,
    quarantineTime: 0,
    coversTtl: false,
  };
  servers.set(client, known);
  return known;
}

function noKnowledge(): ProcessKnowledge {
  return { servers: new WeakMap(), longestTtl: MIN_QUARANTINE_TIME };
}

/** Which node has which servers, by their run ids, because one server must not have two votes. */
export class RunIds {
  readonly #owners = new Map<string, string>();

  /**
   * Records that a node consists of these servers now. The first node that has a server keeps it, because its votes may
   * have been counted already.
   * @returns another node that has one of the servers; then this node is recorded without any
   */
  claim(node: string, runIds: readonly string[]): string | undefined {
    for (const [runId, owner] of this.#owners) if (owner === node) this.#owners.delete(runId);
    const other = runIds.map((runId) => this.#owners.get(runId)).find(Boolean);
    if (other === undefined) for (const runId of runIds) this.#owners.set(runId, node);
    return other;
  }
}
