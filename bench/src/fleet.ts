import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Deployment, type DeploymentOptions } from 'test-kit';
import type { Address, Subject } from './libraries/library.js';
import { scriptCommands, ServerMeter } from './meter.js';
import { factoryOf, OURS } from './roster.js';

export const NODES = 5;
export const TTL = 10_000;

/** A subject that is connected. */
export interface OpenSubject {
  readonly name: string;
  readonly subject: Subject;
}

/** Fresh servers that write nothing to disk, with a proxy before each and a meter on them. */
export class Fleet implements AsyncDisposable {
  readonly deployment: Deployment;
  #meter: ServerMeter | null = null;

  private constructor(deployment: Deployment) {
    this.deployment = deployment;
  }

  static async start(nodes = NODES, options: DeploymentOptions = {}): Promise<Fleet> {
    const config = { appendonly: 'no', ...options.config };
    return new Fleet(await Deployment.start(nodes, { ...options, config }));
  }

  get servers(): Address[] {
    return this.deployment.nodes.map(({ server: { host, port } }) => ({ host, port }));
  }

  get proxies(): Address[] {
    return this.deployment.nodes.map(({ proxy: { host, port } }) => ({ host, port }));
  }

  get meter(): ServerMeter {
    return (this.#meter ??= new ServerMeter(this.servers));
  }

  /** Which commands only the scripts of a subject send. */
  async onlyInScripts(name: string): Promise<ReadonlySet<string>> {
    const subject = await factoryOf(name)(this.servers, { ttl: TTL });
    const known = name.startsWith(OURS[0]) ? await commandsInOwnScripts() : new Set<string>();
    const names = await scriptCommands(subject, this.deployment.node(0).server, known);
    await subject.close();
    return names;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#meter?.close();
    await this.deployment[Symbol.asyncDispose]();
  }
}

/** Lends subjects with separate connections to the same nodes, and closes them afterwards. */
export async function withSubjects<T>(
  names: readonly string[],
  nodes: readonly Address[],
  work: (subjects: readonly OpenSubject[]) => Promise<T>,
): Promise<T> {
  const subjects: OpenSubject[] = [];
  for (const name of names) {
    subjects.push({ name, subject: await factoryOf(name)(nodes, { ttl: TTL }) });
  }
  const result = await work(subjects);
  await Promise.all(subjects.map(({ subject }) => subject.close()));
  return result;
}

/** redlock-core as it is built; an import, so that it is found as a user's is. */
export const CORE = fileURLToPath(import.meta.resolve('redlock-core'));

/** The modules of the bundle that are Lua scripts: in template literals. */
const SCRIPTS = /^\/\/ src\/protocol\/script\/\S+\.ts\n[\s\S]*?(?=^\/\/ src\/)/gm;

/** The bundle with empty scripts. */
export function withoutScripts(bundle: string): string {
  const without = bundle.replaceAll(SCRIPTS, (module) => module.replaceAll(/`[^`]*`/g, '""'));
  if (without === bundle) throw new Error(`${CORE} has no scripts that the bench can find`);
  return without;
}

/** The commands that redlock-core's scripts can call in any situation. */
async function commandsInOwnScripts(): Promise<ReadonlySet<string>> {
  const bundle = await readFile(CORE, 'utf8');
  const scripts = [...bundle.matchAll(SCRIPTS)].map(([script]) => script).join('\n');
  const names = [...scripts.matchAll(/call\(\\?['"](\w+)/g)].map(([, name = '']) => name);
  if (names.length === 0) throw new Error(`No script in ${CORE} calls a command`);
  return new Set(names.map((name) => name.toLowerCase()));
}
