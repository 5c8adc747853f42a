import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { disconnectAll, ioredisClients } from './libraries/clients.js';
import type { Address, Subject } from './libraries/library.js';
import { firstReplies, loadScript } from './libraries/by-hand.js';
import { medianOf } from './spread.js';

interface Reading {
  readonly cpuSeconds: number;
  readonly bytes: number;
  /** Calls by the name of the command. The calls of scripts are counted too. */
  readonly calls: ReadonlyMap<string, number>;
}

/** What all servers together did between two readings. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly bytes: number;
  /** How often these commands were called. */
  calls(...names: readonly string[]): number;
  /** How often commands were called, without those that only scripts call. */
  commands(onlyInScripts: ReadonlySet<string>): number;
}

/** What a reading costs: the command and the header of its reply. */
const OWN_BYTES = '*3\r\n$4\r\nINFO\r\n$7\r\ndefault\r\n$12\r\ncommandstats\r\n$1234\r\n\r\n'
  .length;

/** Reads the servers' own counts over separate connections, without what these cost. */
export class ServerMeter {
  readonly #clients: readonly Redis[];
  /** Bytes of earlier readings. */
  #own = 0;

  constructor(servers: readonly Address[]) {
    // RESP2, so that the reply's size is the text's.
    this.#clients = servers.map(({ host, port }) => new Redis({ host, port, protocol: 2 }));
    // A server that goes away is part of a measurement.
    for (const client of this.#clients) client.on('error', () => {});
  }

  /** @returns what ends the measurement */
  async begin(): Promise<() => Promise<Usage>> {
    const before = await this.#read();
    return async () => {
      const after = await this.#read();
      const calls = (name: string): number =>
        (after.calls.get(name) ?? 0) - (before.calls.get(name) ?? 0);
      const sum = (names: readonly string[]): number =>
        names.reduce((total, name) => total + calls(name), 0);
      return {
        cpuSeconds: after.cpuSeconds - before.cpuSeconds,
        bytes: after.bytes - before.bytes,
        calls: (...names) => sum(names),
        commands: (onlyInScripts) =>
          sum([...after.calls.keys()].filter((name) => !onlyInScripts.has(name))),
      };
    };
  }

  /** Removes every key, so that a measurement does not begin with the leavings of another. */
  async clear(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.flushall('SYNC')));
  }

  close(): void {
    disconnectAll(this.#clients);
  }

  async #read(): Promise<Reading> {
    const texts = await Promise.all(
      this.#clients.map((client) => client.info('default', 'commandstats')),
    );
    const before = this.#own;
    this.#own += texts.reduce((sum, text) => sum + text.length + OWN_BYTES, 0);
    const sum = (field: string): number =>
      texts.reduce((total, text) => total + numberIn(text, field), 0);
    const calls = new Map<string, number>();
    for (const text of texts) {
      for (const [, name = '', count] of text.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
        if (name !== 'info') calls.set(name, (calls.get(name) ?? 0) + Number(count));
      }
    }
    return {
      cpuSeconds: sum('used_cpu_user') + sum('used_cpu_sys'),
      bytes: sum('total_net_input_bytes') + sum('total_net_output_bytes') - before,
      calls,
    };
  }
}

function numberIn(text: string, field: string): number {
  return Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(text)?.[1]);
}

const LONG_ENOUGH_FOR_DENIALS = 50;

/**
 * Finds the commands that a subject's scripts call and the subject itself does not send, because Redis counts both
 * alike. It watches one lock, and another that waits for it.
 *
 * @param known commands that its scripts call in other situations
 */
export async function scriptCommands(
  subject: Subject,
  { host, port }: Address,
  known: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const client = new Redis({ host, port });
  const monitor = await client.monitor();
  const sent = new Set<string>(['info', 'flushall']);
  const inScripts = new Set(known);
  monitor.on('monitor', (_time: string, [name = '']: string[], source: string) => {
    (source === 'lua' ? inScripts : sent).add(name.toLowerCase());
  });
  const held = await subject.acquire('script-commands');
  const second = subject.acquire('script-commands');
  await sleep(LONG_ENOUGH_FOR_DENIALS);
  await held.release();
  await (await second).release();
  disconnectAll([client, monitor]);
  await once(monitor, 'end');
  return new Set([...inScripts].filter((name) => !sent.has(name)));
}

/** A script, as every step of a lock is one. */
const IDLE_SCRIPT = "return redis.call('get', KEYS[1])";
const IDLE_ROUNDS = 100;
/** Pause in ms, as long as most contenders hold: in both cases processes must wake up. */
const IDLE_PAUSE = 5;

/** The median time in ms of a short script on every node, until a quorum has answered, on idle nodes. */
export async function measureIdleRound(servers: readonly Address[]): Promise<number> {
  const clients = await ioredisClients(servers);
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
