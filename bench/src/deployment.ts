import { type RedisServer, startServers } from 'test-kit';
import { factoryOf, OURS } from './roster.js';
import { scriptCommands } from './script-commands.js';
import { ServerMeter } from './server-meter.js';
import type { Address, Subject } from './subject.js';
import { commandsInOwnScripts } from './subjects/own-scripts.js';

export const NODES = 5;
export const TTL = 10_000;

/** A subject that is connected. */
export interface OpenSubject {
  readonly name: string;
  readonly subject: Subject;
}

/** Fresh servers that write nothing to disk, and a meter on them. */
export class Deployment implements AsyncDisposable {
  readonly servers: readonly RedisServer[];
  readonly meter: ServerMeter;

  private constructor(servers: readonly RedisServer[]) {
    this.servers = servers;
    this.meter = new ServerMeter(servers);
  }

  static async start(nodes = NODES): Promise<Deployment> {
    return new Deployment(await startServers(nodes, { config: { appendonly: 'no' } }));
  }

  get addresses(): Address[] {
    return this.servers.map(({ host, port }) => ({ host, port }));
  }

  /** Which commands only the scripts of a subject send. */
  async onlyInScripts(name: string): Promise<ReadonlySet<string>> {
    const [witness] = this.servers;
    if (!witness) throw new Error('There are no servers');
    const subject = await factoryOf(name)(this.addresses, { ttl: TTL });
    const known = name.startsWith(OURS[0]) ? await commandsInOwnScripts() : new Set<string>();
    const names = await scriptCommands(subject, witness, known);
    await subject.close();
    return names;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.meter.close();
    await Promise.all(this.servers.map((server) => server.close()));
  }
}

/** Connects subjects, each with connections of its own to the same nodes. */
export async function openSubjects(
  names: readonly string[],
  nodes: readonly Address[],
): Promise<OpenSubject[]> {
  const subjects: OpenSubject[] = [];
  for (const name of names) {
    subjects.push({ name, subject: await factoryOf(name)(nodes, { ttl: TTL }) });
  }
  return subjects;
}

export async function closeSubjects(subjects: readonly OpenSubject[]): Promise<void> {
  await Promise.all(subjects.map(({ subject }) => subject.close()));
}
