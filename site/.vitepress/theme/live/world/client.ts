import { Random } from 'test-kit/random';
import { Connection } from './connection.js';
import { Clock, ClientProcess, type Lock, type Redlock, RedlockWithRuntime } from './core.js';
import type { ValidityEnds, World } from './core.js';
import type { Journal } from './journal.js';
import type { Network, Path } from './network.js';
import { type ClientName, EPOCH, type Phase, RESOURCE } from './parts.js';
import { type Settings, type State, tokenText } from './parts.js';
import type { Server } from './server.js';

/** The interval of a holder's writes, and the time between its check of the lock and the write; in ms. */
const WRITE_INTERVAL = 600;
const PREPARATION = 150;

/** What a client knows of the cluster. */
export interface Surroundings {
  readonly seed: number;
  readonly settings: Settings;
  readonly world: World;
  readonly network: Network;
  readonly journal: Journal;
  readonly servers: readonly Server[];
  readonly paths: readonly Path[];
  /** Whether no client holds the lock or is releasing it. */
  readonly isFree: boolean;
  /** Code of a client is about to run. */
  onRun: () => void;
  /** Puts a new process in the place of one. */
  replace(client: Client): void;
}

/** A process with a Redlock, which over and over takes the lock, writes to the storage, releases the lock and rests. */
export class Client {
  readonly process: ClientProcess;
  phase: Phase = 'wants nothing';
  isCut = false;
  /** What its wall clock was set by, in ms. */
  skew = 0;
  /** Nodes that it has in quarantine. */
  readonly quarantined = new Set<string>();
  readonly #redlock: Redlock;
  readonly #connections: readonly Connection[];
  #holding: { readonly lock: Lock; readonly ends: ValidityEnds } | null = null;
  #isQueued = false;

  /** @param generation how many processes of this name there were before */
  constructor(
    readonly name: ClientName,
    readonly generation: number,
    private readonly cluster: Surroundings,
  ) {
    const { world, network, servers, paths, settings } = cluster;
    const random = new Random(cluster.seed, 1000 * (generation + 1) + name.charCodeAt(0));
    const id = generation === 0 ? name : `${name}${generation + 1}`;
    const clocks = { mono: new Clock(world, 1, 5000), wall: new Clock(world, 1, EPOCH) };
    const process = new ClientProcess(id, world, random, clocks, cluster.onRun);
    this.process = process;
    this.#connections = paths
      .filter(({ client }) => client === name)
      .flatMap((path) => {
        const server = servers.find((each) => each.name === path.end);
        return server ? new Connection(path, network, server, process, () => this.#notified()) : [];
      });
    const { quarantine } = settings;
    const options = { owner: name, nodeTimeout: 400, quarantine, wait: Infinity };
    this.#redlock = new RedlockWithRuntime(this.#connections, options, process);
    this.#listen();
    for (const connection of this.#connections) process.run(() => connection.connect());
    process.run(() => {
      this.#work().catch((error: unknown) => {
        if (!process.crashed) throw error;
      });
    });
  }

  get state(): State {
    if (this.process.crashed) return 'down';
    return this.process.paused ? 'paused' : 'running';
  }

  /** The fencing token of the lock that it holds, by both of its clocks; null: it holds none. */
  get fencingToken(): number | null {
    return this.remaining > 0 ? (this.#holding?.lock.fencingToken ?? null) : null;
  }

  /** The validity that is left, in ms. Asks nothing of the lock, because asking may change it. */
  get remaining(): number {
    if (!this.#holding || this.process.crashed) return 0;
    const { mono, wall } = this.#holding.ends;
    return Math.max(0, Math.min(mono - this.process.mono.read(), wall - this.process.wall.read()));
  }

  pause(): void {
    this.process.pause();
  }

  resume(): void {
    this.process.wake();
  }

  kill(): void {
    this.process.crashed = true;
    this.#holding = null;
    for (const connection of this.#connections) connection.abandon();
    // Frees its memory. Nothing that the dead process does has an effect.
    void this.#redlock.close();
  }

  restart(): void {
    this.cluster.replace(this);
  }

  setClock(ms: number): void {
    this.process.wall.jump(ms);
    this.skew += ms;
  }

  async #work(): Promise<void> {
    const { process } = this;
    const { ttl, autoExtend, starts, hold, rest } = this.cluster.settings;
    const start = starts[this.name];
    if (start === undefined) return;
    this.phase = 'rests';
    await process.sleep(Math.max(0, start - this.cluster.world.now));
    for (;;) {
      this.phase = 'asks';
      const lock = await this.#redlock.acquire(RESOURCE, ttl, { autoExtend });
      const end = process.now() + hold;
      while (process.now() < end) {
        this.phase = 'works';
        await process.sleep(WRITE_INTERVAL - PREPARATION);
        if (lock.signal.aborted) break;
        // From here on the writer trusts its check, as programs do that do not know of pauses.
        this.phase = 'writes';
        await process.sleep(PREPARATION);
        this.#write(lock.fencingToken);
      }
      this.phase = 'releases';
      this.#holding = null;
      await lock.release();
      this.phase = 'rests';
      await process.sleep(rest);
    }
  }

  #write(token: number): void {
    const { name } = this;
    const { network, journal, paths } = this.cluster;
    const path = paths.find(({ client, end }) => client === name && end === 'storage');
    if (!path) return;
    network.send(path, 'up', 'write', () => {
      const accepted = journal.wrote(name, token);
      network.send(path, 'down', accepted ? 'accepted' : 'refused');
    });
  }

  #hold(lock: Lock): void {
    const ends = this.process.endsOf(() => lock.remaining());
    this.#holding = ends && { lock, ends };
  }

  #notified(): void {
    this.cluster.journal.facts.notifications[this.name]++;
    this.cluster.journal.note('plain', `The nodes notify ${this.name}: the lock is free.`);
  }

  #denied(granted: number): void {
    const { name } = this;
    const { journal, isFree } = this.cluster;
    if (this.phase === 'asks') this.phase = 'waits';
    if (granted > 0 && isFree) {
      journal.facts.splitVotes++;
      journal.note('warning', `Split vote: ${name} got ${granted} of 5 votes and releases them.`);
    } else if (!this.#isQueued) journal.note('plain', `${name} is denied, and is queued.`);
    this.#isQueued = true;
  }

  #listen(): void {
    const { name } = this;
    const { journal } = this.cluster;
    const { facts } = journal;
    this.#redlock
      .on('acquired', ({ lock }) => {
        this.#hold(lock);
        this.#isQueued = false;
        facts.grants[name]++;
        const token = tokenText(lock.fencingToken);
        journal.note('good', `${name} has the lock, with fencing token ${token}.`);
      })
      .on('extended', ({ lock }) => this.#hold(lock))
      .on('released', () => journal.note('plain', `${name} has released the lock.`))
      .on('lost', ({ error: { reason } }) => {
        this.#holding = null;
        facts.losses[name]++;
        journal.note('warning', `${name} learns that its lock is lost (${reason}).`);
      })
      .on('contended', ({ votes }) =>
        this.#denied(votes.filter(({ result }) => result === 'granted').length),
      )
      .on('nodeFailed', ({ node, error: { code } }) =>
        journal.note('warning', `${name} cannot use ${node} (${code}).`),
      )
      .on('nodeRecovered', ({ node }) => journal.note('plain', `${name} can use ${node} again.`))
      .on('nodeQuarantined', ({ node, duration }) => {
        this.quarantined.add(node);
        facts.quarantines++;
        const time = `${(duration / 1000).toFixed(1)} s`;
        journal.note('warning', `${name} puts ${node} in quarantine for ${time}.`);
      })
      .on('nodeTrusted', ({ node }) => {
        this.quarantined.delete(node);
        journal.note('plain', `The quarantine of ${node} has ended for ${name}.`);
      });
  }
}
