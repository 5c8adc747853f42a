import { setImmediate } from 'node:timers';
import { Random } from 'test-kit/random';
import type { Preset } from '../presets.js';
import { Client, type Surroundings } from './client.js';
import { World } from './core.js';
import { deedsOf, type Part, type Verb, VERBS } from './deeds.js';
import { Journal } from './journal.js';
import { Network, Path } from './network.js';
import { CLIENTS, type ClientName, type NodeName, NODES, type PartName } from './parts.js';
import { Server } from './server.js';

/** How long a message to the storage takes, typically, in ms. */
const STORAGE_DELAY = 60;

/** A run of a preset: five nodes, three clients with the real core, and a storage. Its course follows from a seed. */
export class Cluster implements Surroundings {
  readonly world = new World();
  readonly network = new Network(this.world);
  readonly journal = new Journal(this.world);
  readonly servers = NODES.map((name) => new Server(name, this.world, this.network));
  readonly paths: readonly Path[];
  readonly clients: Client[];
  /** Whether the preset has ended: what it is about has happened. */
  isOver = false;
  #holders: readonly ClientName[] = [];
  #nextStep = 0;
  #hasRun = false;
  readonly onRun = (): void => void (this.#hasRun = true);

  constructor(
    readonly preset: Preset,
    readonly seed: number,
  ) {
    const random = new Random(seed);
    const path = (client: ClientName, end: NodeName | 'storage', delay: number): Path =>
      new Path(client, end, () => delay * random.between(0.85, 1.15));
    this.paths = CLIENTS.flatMap((client) => [
      ...NODES.map((node) => path(client, node, preset.settings.delay(client, node))),
      path(client, 'storage', STORAGE_DELAY),
    ]);
    this.clients = CLIENTS.map((name) => new Client(name, 0, this));
  }

  /** True time, in ms. */
  get now(): number {
    return this.world.now;
  }

  get settings(): Preset['settings'] {
    return this.preset.settings;
  }

  get holders(): readonly ClientName[] {
    return this.clients.filter(({ remaining }) => remaining > 0).map(({ name }) => name);
  }

  get isFree(): boolean {
    return this.holders.length === 0 && this.clients.every(({ phase }) => phase !== 'releases');
  }

  part(name: string): Part {
    const part = [...this.servers, ...this.clients, ...this.paths].find((p) => p.name === name);
    if (!part) throw new RangeError(`The cluster has no ${name}`);
    return part;
  }

  replace(client: Client): void {
    const next = new Client(client.name, client.generation + 1, this);
    next.isCut = client.isCut;
    this.clients[this.clients.indexOf(client)] = next;
  }

  /** Lets time pass. @param end in true time */
  async run(end: number): Promise<void> {
    await this.#settle();
    while (this.world.step(end)) await this.#settle();
  }

  /** Lets time pass until the preset has ended, in steps, at most until `latest`. */
  async runToEnd(latest: number): Promise<void> {
    while (!this.isOver && this.now < latest) await this.run(this.now + 50);
  }

  /** Does something to a part, unless it would change nothing. Must not be called while time passes. */
  act(name: PartName, verb: Verb): void {
    const part = this.part(name);
    const deed = deedsOf(part).get(verb);
    if (!deed) return;
    const subject = part instanceof Path ? `The path ${name}` : name;
    this.journal.note('deed', `${subject} ${VERBS[verb][1]}.`);
    deed();
    for (const path of this.paths) {
      const client = this.clients.find((each) => each.name === path.client);
      const server = this.servers.find((each) => each.name === path.end);
      const isCut = path.isSevered || (server && (server.isCut || client?.isCut));
      this.network.setCut(path, isCut ?? false);
    }
  }

  /** Lets all code run that can, and looks at what has become of the cluster. */
  async #settle(): Promise<void> {
    do {
      // An immediate runs when no promise and no tick is left.
      if (this.#hasRun) await new Promise<void>((resolve) => void setImmediate(resolve));
      this.#hasRun = false;
      this.#countHolders();
    } while (this.#takeStep());
    this.isOver ||= this.preset.isOver(this.journal.facts);
  }

  #countHolders(): void {
    const { holders } = this;
    const { facts } = this.journal;
    const isNew = holders.some((holder) => !this.#holders.includes(holder));
    this.#holders = holders;
    if (holders.length < 2 || !isNew) return;
    facts.doubleHoldings++;
    const both = holders.join(' and ');
    this.journal.note('alarm', `Two holders: ${both} hold the lock at the same time.`);
  }

  /** @returns whether the preset has done something */
  #takeStep(): boolean {
    const step = this.preset.steps[this.#nextStep];
    const phases = Object.fromEntries(this.clients.map(({ name, phase }) => [name, phase]));
    if (!step?.when(this.journal.facts, phases)) return false;
    this.#nextStep++;
    for (const [part, verb] of step.act) this.act(part, verb);
    return true;
  }
}
