import { startServers } from 'testbed';
import { scriptCommands } from './script-commands.js';
import { ServerMeter } from './server-meter.js';
import type { Address, Subject, SubjectFactory } from './subject.js';

export const NODES = 5;
export const TTL = 10_000;

/** A subject that is connected, and which commands only its scripts send. */
export interface OpenSubject {
  readonly name: string;
  readonly subject: Subject;
  readonly onlyInScripts: ReadonlySet<string>;
}

/** Five fresh servers that write nothing to disk, and a meter on them. */
export class Deployment implements AsyncDisposable {
  readonly servers: readonly Address[];
  readonly meter: ServerMeter;
  readonly #close: () => Promise<unknown>;

  private constructor(servers: readonly Address[], close: () => Promise<unknown>) {
    this.servers = servers;
    this.meter = new ServerMeter(servers);
    this.#close = close;
  }

  static async start(): Promise<Deployment> {
    const servers = await startServers(NODES, { config: { appendonly: 'no' } });
    return new Deployment(servers, () => Promise.all(servers.map((server) => server.close())));
  }

  /** Connects the subjects, each with connections of its own to the same servers. */
  async openSubjects(factories: Readonly<Record<string, SubjectFactory>>): Promise<OpenSubject[]> {
    const [witness] = this.servers;
    if (!witness) throw new Error('There are no servers');
    const subjects: OpenSubject[] = [];
    for (const [name, open] of Object.entries(factories)) {
      const subject = await open(this.servers, { ttl: TTL });
      const onlyInScripts = await scriptCommands(subject, witness);
      subjects.push({ name, subject, onlyInScripts });
    }
    return subjects;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.meter.close();
    await this.#close();
  }
}

export async function closeSubjects(subjects: readonly OpenSubject[]): Promise<void> {
  await Promise.all(subjects.map(({ subject }) => subject.close()));
}
