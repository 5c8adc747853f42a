import { startServers } from 'testbed';
import { scriptCommands } from './script-commands.js';
import { ServerMeter } from './server-meter.js';
import type { Address, Subject, SubjectFactory } from './subject.js';

export const NODES = 5;
export const TTL = 10_000;

/** A subject on stage, and which commands are its scripts'. */
export interface Player {
  readonly name: string;
  readonly subject: Subject;
  readonly onlyInScripts: ReadonlySet<string>;
}

/** Five fresh servers that write nothing to disk, and a meter on them. */
export class Stage implements AsyncDisposable {
  readonly servers: readonly Address[];
  readonly meter: ServerMeter;
  readonly #close: () => Promise<unknown>;

  private constructor(servers: readonly Address[], close: () => Promise<unknown>) {
    this.servers = servers;
    this.meter = new ServerMeter(servers);
    this.#close = close;
  }

  static async open(): Promise<Stage> {
    const servers = await startServers(NODES, { config: { appendonly: 'no' } });
    return new Stage(servers, () => Promise.all(servers.map((server) => server.close())));
  }

  /** Brings on the subjects, each with connections of its own to the same servers. */
  async cast(factories: Readonly<Record<string, SubjectFactory>>): Promise<Player[]> {
    const [witness] = this.servers;
    if (!witness) throw new Error('There are no servers');
    const players: Player[] = [];
    for (const [name, open] of Object.entries(factories)) {
      const subject = await open(this.servers, { ttl: TTL });
      const onlyInScripts = await scriptCommands(subject, witness);
      players.push({ name, subject, onlyInScripts });
    }
    return players;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.meter.close();
    await this.#close();
  }
}

export async function dismiss(players: readonly Player[]): Promise<void> {
  await Promise.all(players.map(({ subject }) => subject.close()));
}
