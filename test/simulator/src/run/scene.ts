import type { AcquireOptions, Lock, Vote } from '../core.js';
import type { Call, Events, Oracle } from '../oracles/oracle.js';
import type { Wrong } from '../mutants/wrong.js';
import type { Plan } from '../plan/plan.js';
import type { Server } from '../server/server.js';
import { tellLock, type Story } from '../story/story.js';
import type { ClientProcess } from '../world/process.js';
import type { World } from '../world/world.js';
import { Disturbances } from './disturbances.js';
import { Holdings, type Holding } from './holding.js';
import { Replacements } from './replacements.js';
import { Tally } from './tally.js';
import { Wait } from './wait.js';

/** A promise that did not hold. */
export interface Violation {
  readonly oracle: string;
  readonly time: number;
  readonly what: string;
}

/** What everybody in a run shares, and where the oracles look. It tells them what happens. */
export class Scene {
  readonly holdings: Holdings;
  readonly tally = new Tally();
  readonly disturbances: Disturbances;
  readonly replacements = new Replacements();
  servers: readonly Server[] = [];
  violation: Violation | null = null;
  /** The calls that wait for a lock. */
  readonly waiting = new Set<Wait>();
  /** The tokens of locks that were granted. */
  readonly granted = new Set<string>();
  /** The locks that somebody may adopt: their holders have detached them, lent them or crashed. */
  readonly adoptable: Holding[] = [];
  /** Called once, when a node notifies a process: the adversary lies in wait for that. */
  ambush: ((process: string) => void) | null = null;
  /** Called with each command that the core gives to a client: the adversary waits for one. */
  onCall: ((call: Call) => void) | null = null;
  #oracles: readonly Oracle[] = [];
  readonly #told = new Map<keyof Events, readonly Oracle[]>();
  readonly #active = new Set<ClientProcess>();

  constructor(
    readonly plan: Plan,
    readonly world: World,
    readonly quorum: number,
    /** Of a run that is told; others are only counted. */
    readonly story: Story | null,
    /** What is wrong on purpose. */
    readonly wrong: Wrong,
    /** If given, only this oracle judges. */
    readonly judge?: string,
  ) {
    this.holdings = new Holdings(world);
    this.disturbances = new Disturbances(plan);
  }

  watch(oracles: readonly Oracle[]): void {
    this.#oracles = oracles;
  }

  emit<E extends keyof Events>(event: E, ...args: Events[E]): void {
    let told = this.#told.get(event);
    if (!told) {
      told = this.#oracles.filter((oracle) => oracle[event] !== undefined);
      this.#told.set(event, told);
    }
    for (const oracle of told) oracle[event]?.(...args);
  }

  fail(oracle: string, what: string): void {
    if (this.judge !== undefined && oracle !== this.judge) return;
    this.violation ??= { oracle, time: this.world.now, what };
  }

  tell(who: string, what: string): void {
    this.story?.tell(who, what);
  }

  /** A process got a lock. */
  acquired(process: ClientProcess, lock: Lock): void {
    const holding = this.holdings.add(process, lock, true);
    this.granted.add(lock.token);
    this.tally.grants++;
    if (this.plan.semaphore) this.tally.permitGrants++;
    this.tell(process.name, `holds ${tellLock(lock)}`);
    this.#see(holding);
    this.emit('acquired', holding);
  }

  /** The handle that a caller was given: of its own, or a further one on what `outer` is on. */
  handle(process: ClientProcess, lock: Lock, outer?: Holding): Holding {
    const known = this.holdings.of(lock);
    const holding = known ?? this.holdings.add(process, lock, false);
    if (outer) {
      for (const each of this.holdings.all) if (each.token === lock.token) each.owner = outer.owner;
    }
    if (!known) this.tally.reentries++;
    return holding;
  }

  lost(lock: Lock): void {
    const holding = this.holdings.of(lock);
    if (!holding) return;
    this.tally.losses++;
    holding.losses++;
    this.tell(holding.process.name, `has lost ${tellLock(lock)}`);
    this.emit('lost', holding);
  }

  /** An extension went well, an automatic one too. */
  renewed(lock: Lock): void {
    const holding = this.holdings.of(lock);
    if (holding) this.emit('renewed', holding);
  }

  /** The core gives a command to the client of a node. */
  called(
    process: ClientProcess,
    node: number,
    command: readonly string[],
    reply: Promise<unknown>,
  ): void {
    const call = { process, node, command, at: process.mono.read(), answeredAt: Infinity };
    const end = (): void => {
      call.answeredAt = process.mono.read();
      this.emit('answered', call);
    };
    reply.then(end, end);
    this.emit('called', call);
    this.onCall?.(call);
  }

  releasing(holding: Holding): void {
    holding.released ??= { at: this.world.now, believed: holding.believed };
  }

  released(holding: Holding, confirmed: boolean): void {
    this.tell(holding.process.name, `released ${tellLock(holding.lock)}: ${confirmed}`);
    if (confirmed) this.tally.releases++;
    this.emit('released', holding, confirmed);
  }

  /** An attempt was denied. */
  contended(votes: readonly Vote[]): void {
    this.tally.contentions++;
    const has = (wanted: string): boolean => votes.some(({ result }) => result === wanted);
    if (has('granted') && has('denied')) this.tally.splits++;
  }

  /** A call begins to wait for a lock. */
  waits(process: ClientProcess, resources: readonly string[], options: AcquireOptions): Wait {
    const wait = new Wait(process, resources, this.world.now, options);
    if (options.wait !== 0) {
      this.waiting.add(wait);
      this.emit('waits', wait);
    }
    return wait;
  }

  waitEnds(wait: Wait): void {
    if (!this.waiting.delete(wait)) return;
    this.emit('waited', wait);
  }

  /** Somebody's code runs. */
  activate(process: ClientProcess): void {
    this.#active.add(process);
  }

  get active(): boolean {
    return this.#active.size > 0;
  }

  lookAtActive(): void {
    const active = [...this.#active];
    this.#active.clear();
    for (const process of active) this.look(process);
  }

  /** A process has run: what it holds may have changed. */
  look(process: ClientProcess): void {
    for (const holding of this.holdings.liveOf(process)) {
      const { ends } = holding;
      this.#see(holding);
      if (holding.ends && ends && holding.ends.mono > ends.mono) this.tally.extensions++;
      this.emit('looked', holding);
    }
  }

  /** The clock of a process was set back: what had ended may not have. */
  clockChanged(process: ClientProcess): void {
    for (const holding of this.holdings.live) {
      if (holding.process === process && holding.ends && !process.crashed)
        this.emit('looked', holding);
    }
  }

  #see(holding: Holding): void {
    const { process, lock } = holding;
    holding.ends = process.endsOf(() => lock.remaining());
    holding.fencingToken = lock.fencingToken;
    this.story?.belief(holding);
  }
}
