import { Redis } from 'ioredis';
import type { Address } from './subject.js';

/** What the servers have done, all of them together. */
export interface ServerReading {
  readonly cpuSeconds: number;
  readonly bytes: number;
  /** Calls by the name of the command; those that scripts make are counted too. */
  readonly calls: ReadonlyMap<string, number>;
}

/** What asking costs: the command and the header of its reply. */
const OWN_BYTES = '*3\r\n$4\r\nINFO\r\n$7\r\ndefault\r\n$12\r\ncommandstats\r\n$1234\r\n\r\n'
  .length;

/** Reads the servers' own counts over connections of its own, and leaves itself out. */
export class ServerMeter {
  readonly #clients: readonly Redis[];
  /** What earlier readings have put on the wire. */
  #own = 0;

  constructor(servers: readonly Address[]) {
    // RESP2, so that the reply's size is the text's.
    this.#clients = servers.map(({ host, port }) => new Redis({ host, port, protocol: 2 }));
    // A server that goes away is part of a measurement.
    for (const client of this.#clients) client.on('error', () => {});
  }

  async read(): Promise<ServerReading> {
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

  /** Removes every key, so that a measurement does not begin with the leavings of another. */
  async clear(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.flushall('SYNC')));
  }

  close(): void {
    for (const client of this.#clients) client.disconnect();
  }
}

function numberIn(text: string, field: string): number {
  return Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(text)?.[1]);
}

/** How often commands were called between two readings, but for those that only scripts call. */
export function commandsBetween(
  before: ServerReading,
  after: ServerReading,
  onlyInScripts: ReadonlySet<string>,
): number {
  let commands = 0;
  for (const [name, count] of after.calls) {
    if (!onlyInScripts.has(name)) commands += count - (before.calls.get(name) ?? 0);
  }
  return commands;
}

/** How often any of these was called between two readings. */
export function callsBetween(
  before: ServerReading,
  after: ServerReading,
  names: readonly string[],
): number {
  return names.reduce(
    (sum, name) => sum + (after.calls.get(name) ?? 0) - (before.calls.get(name) ?? 0),
    0,
  );
}
