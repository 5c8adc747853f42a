import { Random } from 'test-kit/random';
import { RedlockWithRuntime, type Lock, type Redlock } from './core.js';
import { Connection } from './connection.js';
import { EPOCH } from './epoch.js';
import { Job } from './job.js';
import type { Journal } from './journal.js';
import type { ClientName, NodeName } from './names.js';
import type { Path } from './path.js';
import type { Server } from './server.js';
import type { ClusterSettings } from './settings.js';
import { ClientProcess, Clock, type ValidityEnds, type World } from './simulation.js';
import type { Storage } from './storage.js';
import type { Message } from './wire.js';

/** What clients have in common. */
export interface ClientTerms {
  readonly seed: number;
  readonly world: World;
  readonly settings: ClusterSettings;
  readonly servers: readonly Server[];
  readonly storage: Storage;
  readonly traffic: Set<Message>;
  readonly journal: Journal;
  /** The ways between a client and the nodes, and the one to the storage. */
  readonly path: (client: ClientName, end: NodeName | 'storage') => Path;
  /** Code of a client is about to run. */
  readonly onRun: () => void;
  /** Whether nobody holds the lock or is giving it back. */
  readonly isFree: () => boolean;
}

/** What a client holds, as it believes. */
interface Holding {
  readonly lock: Lock;
  readonly ends: ValidityEnds;
}

/** Streams of chance: one for each process, apart from those of the paths. */
const PROCESSES = 1000;

/** A process with a Redlock, its connections to all nodes, and a job that wants the lock. */
export class Client {
  readonly process: ClientProcess;
  readonly job: Job;
  isCut = false;
  /** What its wall clock was set by, in ms. */
  skew = 0;
  /** When the quarantines of nodes end, on the monotonic clock of the process. */
  readonly quarantines = new Map<string, number>();
  readonly #redlock: Redlock;
  readonly #connections: readonly Connection[];
  #holding: Holding | null = null;

  /** @param generation how many processes of this name there were before */
  constructor(
    readonly name: ClientName,
    readonly generation: number,
    terms: ClientTerms,
  ) {
    const { world, seed, settings, servers, traffic, journal } = terms;
    const stream = PROCESSES * (generation + 1) + name.charCodeAt(0);
    const random = new Random(seed, stream);
    const id = generation === 0 ? name : `${name}${generation + 1}`;
    const clocks = { mono: new Clock(world, 1, 5000), wall: new Clock(world, 1, EPOCH) };
    this.process = new ClientProcess(id, world, random, clocks, () => terms.onRun());
    this.#connections = servers.map((server) => {
      const path = terms.path(name, server.name);
      const place = { world, random, process: this.process, server, path, traffic };
      return new Connection(place, () => journal.called(name));
    });
    this.#redlock = new RedlockWithRuntime(
      this.#connections,
      { owner: name, nodeTimeout: 400, quarantine: settings.quarantine, wait: Infinity },
      this.process,
    );
    this.#listen(terms);
    this.job = new Job(this, this.#redlock, terms);
    for (const connection of this.#connections) this.process.run(() => connection.connect());
    this.process.run(() => {
      this.job.run().catch((error: unknown) => {
        if (!this.process.crashed) throw error;
      });
    });
  }

  /** The lock that its process may trust by both of its clocks. */
  get lock(): Lock | null {
    return this.remaining > 0 ? (this.#holding?.lock ?? null) : null;
  }

  /** The validity that is left, in ms. Asks nothing of the lock, because asking may change it. */
  get remaining(): number {
    if (!this.#holding || this.process.crashed) return 0;
    const { mono, wall } = this.#holding.ends;
    const { process } = this;
    return Math.max(0, Math.min(mono - process.mono.read(), wall - process.wall.read()));
  }

  /** For how many ms a node is still in quarantine at this client. */
  quarantineOf(node: string): number {
    return Math.max(0, (this.quarantines.get(node) ?? 0) - this.process.mono.read());
  }

  /** It begins to give the lock back. */
  letGo(): void {
    this.#holding = null;
  }

  kill(): void {
    this.process.crashed = true;
    this.#holding = null;
    for (const connection of this.#connections) connection.abandon();
    // For the sake of our own memory: no code of that process reaches anybody any more.
    void this.#redlock.close();
  }

  setClock(ms: number): void {
    this.process.wall.jump(ms);
    this.skew += ms;
  }

  #hold(lock: Lock): void {
    const ends = this.process.endsOf(() => lock.remaining());
    this.#holding = ends && { lock, ends };
  }

  #listen({ journal, isFree }: ClientTerms): void {
    const { name, process } = this;
    this.#redlock
      .on('acquired', ({ lock }) => {
        this.#hold(lock);
        journal.acquired(name, lock.fencingToken);
      })
      .on('extended', ({ lock }) => this.#hold(lock))
      .on('released', ({ confirmed }) => journal.released(name, confirmed))
      .on('lost', (loss) => {
        this.#holding = null;
        journal.lost(name, loss);
      })
      .on('contended', (contention) => {
        this.job.denied();
        journal.contended(name, contention, isFree());
      })
      .on('nodeFailed', (failure) => journal.nodeFailed(name, failure))
      .on('nodeRecovered', (recovery) => journal.nodeRecovered(name, recovery))
      .on('nodeQuarantined', (quarantine) => {
        this.quarantines.set(quarantine.node, process.mono.read() + quarantine.duration);
        journal.nodeQuarantined(name, quarantine);
      })
      .on('nodeTrusted', (trust) => {
        this.quarantines.delete(trust.node);
        journal.nodeTrusted(name, trust);
      });
  }
}
