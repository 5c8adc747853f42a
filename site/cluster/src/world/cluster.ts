import { Random } from 'test-kit/random';
import type { Action, ClientVerb } from './action.js';
import { Client, type ClientTerms } from './client.js';
import { CLIENT_DEEDS, SERVER_DEEDS } from './deeds.js';
import { Journal } from './journal.js';
import {
  CLIENTS,
  isClient,
  isNode,
  NODES,
  pathName,
  type ClientName,
  type NodeName,
} from './names.js';
import { Path } from './path.js';
import type { Scenario } from './scenario.js';
import { Server } from './server.js';
import { settled } from './settled.js';
import { World } from './simulation.js';
import { Storage } from './storage.js';
import type { Message } from './wire.js';

/** How long a message to the storage takes, typically, in ms. */
const STORAGE_DELAY = 60;

/** Five nodes, three clients that run the real core, and a storage, in a world whose course follows from a seed. */
export class Cluster {
  readonly journal: Journal;
  readonly storage = new Storage();
  readonly servers: readonly Server[];
  readonly traffic = new Set<Message>();
  readonly #world = new World();
  readonly #scenario: Scenario;
  readonly #terms: ClientTerms;
  readonly #clients = new Map<ClientName, Client>();
  readonly #paths = new Map<string, Path>();
  /** The paths that are cut by themselves, and not because of one of their ends. */
  readonly #cutPaths = new Set<string>();
  #nextStep = 0;
  #hasRun = false;

  constructor(scenario: Scenario, seed: number) {
    const world = this.#world;
    this.#scenario = scenario;
    this.journal = new Journal(world);
    this.servers = NODES.map((name) => new Server(name, world));
    for (const [column, client] of CLIENTS.entries()) {
      for (const [row, node] of NODES.entries()) {
        const random = new Random(seed, 10 * column + row);
        const path = new Path(client, node, random, scenario.settings.delay(client, node));
        this.#paths.set(pathName(client, node), path);
      }
      const path = new Path(client, 'storage', new Random(seed, 100 + column), STORAGE_DELAY);
      this.#paths.set(`${client}-storage`, path);
    }
    this.#terms = {
      seed,
      world,
      settings: scenario.settings,
      servers: this.servers,
      storage: this.storage,
      traffic: this.traffic,
      journal: this.journal,
      path: (client, end) => this.#path(client, end),
      onRun: () => {
        this.#hasRun = true;
      },
      isFree: () =>
        this.holders.length === 0 && this.clients.every(({ job }) => job.phase !== 'releasing'),
    };
    for (const name of CLIENTS) this.#clients.set(name, new Client(name, 0, this.#terms));
  }

  /** True time, in ms. */
  get now(): number {
    return this.#world.now;
  }

  get settings(): Scenario['settings'] {
    return this.#scenario.settings;
  }

  get clients(): readonly Client[] {
    return CLIENTS.map((name) => this.client(name));
  }

  get holders(): readonly ClientName[] {
    return this.clients.filter(({ lock }) => lock !== null).map(({ name }) => name);
  }

  client(name: ClientName): Client {
    const client = this.#clients.get(name);
    if (!client) throw new RangeError(`No client ${name}`);
    return client;
  }

  server(name: NodeName): Server {
    const server = this.servers.find((each) => each.name === name);
    if (!server) throw new RangeError(`No node ${name}`);
    return server;
  }

  isCut(client: ClientName, node: NodeName): boolean {
    return this.#path(client, node).isCut;
  }

  /**
   * Lets time pass.
   * @param end in true time
   * @param isEnough asked after each event
   */
  async run(end: number, isEnough: () => boolean = () => false): Promise<void> {
    await this.#settle();
    while (!isEnough() && this.#world.step(end)) await this.#settle();
  }

  /** Does something to a part, now. An action that is not due, as to kill what is down, changes nothing. */
  act(action: Action): void {
    if (!this.isDue(action)) return;
    this.journal.acted(action);
    const { part, verb } = action;
    if (isNode(part)) SERVER_DEEDS[verb].act(this.server(part));
    else if (isClient(part)) this.#actOnClient(part, verb as ClientVerb);
    else if (verb === 'cut') this.#cutPaths.add(part);
    else this.#cutPaths.delete(part);
    this.#setPaths();
  }

  /** Whether an action would change anything now. */
  isDue({ part, verb }: Action): boolean {
    if (isNode(part)) return SERVER_DEEDS[verb].isDue(this.server(part));
    if (!isClient(part)) return this.#cutPaths.has(part) === (verb === 'join');
    const client = this.client(part);
    if (verb === 'start') return client.process.crashed;
    return CLIENT_DEEDS[verb as Exclude<ClientVerb, 'start'>].isDue(client);
  }

  #actOnClient(name: ClientName, verb: ClientVerb): void {
    const client = this.client(name);
    if (verb !== 'start') return CLIENT_DEEDS[verb].act(client);
    const next = new Client(name, client.generation + 1, this.#terms);
    next.isCut = client.isCut;
    this.#clients.set(name, next);
  }

  #setPaths(): void {
    for (const [name, path] of this.#paths) {
      const { client, end } = path;
      if (end === 'storage') continue;
      path.set(this.#cutPaths.has(name) || this.client(client).isCut || this.server(end).isCut);
    }
  }

  #path(client: ClientName, end: NodeName | 'storage'): Path {
    const path = this.#paths.get(`${client}-${end}`);
    if (!path) throw new RangeError(`No path between ${client} and ${end}`);
    return path;
  }

  /** Lets all code run that can, and looks at what has become of the cluster. */
  async #settle(): Promise<void> {
    do {
      if (this.#hasRun) await settled();
      this.#hasRun = false;
      this.journal.holding(this.holders);
    } while (this.#takeStep());
  }

  /** @returns whether the scenario has done something */
  #takeStep(): boolean {
    const step = this.#scenario.steps[this.#nextStep];
    if (!step?.when(this)) return false;
    this.#nextStep++;
    for (const action of step.act) this.act(action);
    return true;
  }
}
