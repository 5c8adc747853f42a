import { setTimeout as sleep } from 'node:timers/promises';
import { Deployment, type DeploymentOptions, killSubscribers } from 'test-kit';
import { medianOf, sumOf } from './figure.js';
import {
  type Address,
  disconnectAll,
  firstReplies,
  ioredisClients,
  loadScript,
} from './libraries/clients.js';

export const NODES = 5;

/** What all servers together did in some time. */
interface Usage {
  readonly cpuSeconds: number;
  readonly bytes: number;
  /** How often these commands were called, also by scripts. */
  calls(...names: readonly string[]): number;
}

/** Fresh servers that write nothing to disk, with a proxy before each. */
export class Servers implements AsyncDisposable {
  readonly deployment: Deployment;

  private constructor(deployment: Deployment) {
    this.deployment = deployment;
  }

  static async start(count = NODES, options: DeploymentOptions = {}): Promise<Servers> {
    const config = { appendonly: 'no', ...options.config };
    return new Servers(await Deployment.start(count, { ...options, config }));
  }

  get addresses(): Address[] {
    return this.deployment.nodes.map(({ server: { host, port } }) => ({ host, port }));
  }

  get proxies(): Address[] {
    return this.deployment.nodes.map(({ proxy: { host, port } }) => ({ host, port }));
  }

  /** The first node through its proxy, on which a fault happens. */
  get vulnerable(): Address[] {
    return [...this.proxies.slice(0, 1), ...this.addresses.slice(1)];
  }

  /** Removes every key, so that a measurement does not begin with the leavings of another. */
  async clear(): Promise<void> {
    await Promise.all(this.deployment.probes.map((probe) => probe.flushall('SYNC')));
  }

  /** @returns what ends the measurement of their usage */
  async measure(): Promise<() => Promise<Usage>> {
    const before = await this.#read();
    return async () => {
      const after = await this.#read();
      const grown = (...fields: string[]): number =>
        sumOf(fields.map((field) => totalOf(after.texts, field) - totalOf(before.texts, field)));
      return {
        cpuSeconds: grown('used_cpu_user:', 'used_cpu_sys:'),
        bytes: grown('total_net_input_bytes:', 'total_net_output_bytes:') - before.ownBytes,
        calls: (...names) => grown(...names.map((name) => `cmdstat_${name}:calls=`)),
      };
    };
  }

  /** Kills all connections that subscribe, again and again. @returns what ends it */
  killSubscriptions(every = 100): () => void {
    const timer = setInterval(() => {
      for (const probe of this.deployment.probes) void killSubscribers(probe).catch(() => {});
    }, every);
    return () => clearInterval(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.deployment[Symbol.asyncDispose]();
  }

  async #read(): Promise<{ readonly texts: readonly string[]; readonly ownBytes: number }> {
    const { probes } = this.deployment;
    const texts = await Promise.all(probes.map((probe) => probe.info('default', 'commandstats')));
    // A reply is counted after its text is made, so the next reading has it.
    return { texts, ownBytes: sumOf(texts.map(({ length }) => length)) };
  }
}

/** A command that was never called has no field. */
function totalOf(texts: readonly string[], field: string): number {
  const pattern = new RegExp(`^${field}([\\d.]+)`, 'm');
  return sumOf(texts.map((text) => Number(pattern.exec(text)?.[1] ?? 0)));
}

/** A script, as every step of a lock is one. */
const IDLE_SCRIPT = "return redis.call('get', KEYS[1])";
const IDLE_ROUNDS = 100;
/** Pause in ms, as long as most contenders hold: in both cases processes must wake up. */
const IDLE_PAUSE = 5;

/** The median time in ms of a short script on every node, until a quorum has answered, on idle nodes. */
export async function measureIdleRound(nodes: readonly Address[]): Promise<number> {
  const clients = await ioredisClients(nodes);
  const sha = await loadScript(clients, IDLE_SCRIPT);
  const taken: number[] = [];
  for (let round = 0; round < IDLE_ROUNDS; round++) {
    await sleep(IDLE_PAUSE);
    const start = performance.now();
    await firstReplies(clients.map((client) => client.evalsha(sha, 1, 'idle-round')));
    taken.push(performance.now() - start);
  }
  disconnectAll(clients);
  return medianOf(taken);
}
