import type { AcquireOptions, Lock, Vote } from '../core.js';
import type { Call } from '../oracles/oracle.js';
import { Panel } from '../oracles/panel.js';
import type { Plan } from '../plan/plan.js';
import type { Server } from '../server/server.js';
import { tellLock } from '../story/lock-text.js';
import type { Story } from '../story/story.js';
import type { ClientProcess } from '../world/process.js';
import type { World } from '../world/world.js';
import { Disturbances } from './disturbances.js';
import type { Holding } from './holding.js';
import { Holdings } from './holdings.js';
import { QueueEntries } from './queue-entries.js';
import { Reminders } from './reminders.js';
import { Replacements } from './replacements.js';
import { Tally } from './tally.js';
import type { Violation } from './violation.js';
import { Wait } from './wait.js';

/** What everybody in a run shares, and where the oracles look. It is told what processes do. */
export class Scene {
  readonly holdings: Holdings;
  readonly tally = new Tally();
  readonly disturbances: Disturbances;
  readonly replacements = new Replacements();
  readonly queueEntries = new QueueEntries();
  readonly reminders = new Reminders();
  panel = new Panel([]);
  servers: readonly Server[] = [];
  violation: Violation | null = null;
  /** The calls that wait for a lock. */
  readonly waiting = new Set<Wait>();
  /** The tokens of locks that were granted. */
  readonly granted = new Set<string>();
  /** Called once, when a node calls a process: the adversary lies in wait for that. */
  ambush: ((process: string) => void) | null = null;
  /** Called with each command that the core gives to a client: the adversary waits for one. */
  onCall: ((call: Call) => void) | null = null;
  readonly #active = new Set<ClientProcess>();

  constructor(
    readonly plan: Plan,
    readonly world: World,
    readonly quorum: number,
    /** Of a run that is told; others are only counted. */
    readonly story: Story | null,
  ) {
    this.holdings = new Holdings(world);
    this.disturbances = new Disturbances(plan);
  }

  fail(oracle: string, what: string): void {
    this.violation ??= { oracle, time: this.world.now, what };
  }

  /** A process got a lock. */
  acquired(process: ClientProcess, lock: Lock): void {
    const holding = this.holdings.add(process, lock, true);
    this.granted.add(lock.token);
    this.tally.grants++;
    if (this.plan.semaphore) this.tally.permitGrants++;
    this.story?.tell(process.name, `holds ${tellLock(lock)}`);
    this.#see(holding);
    for (const oracle of this.panel.acquired) oracle.acquired?.(holding);
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
    this.story?.tell(holding.process.name, `has lost ${tellLock(lock)}`);
    for (const oracle of this.panel.lost) oracle.lost?.(holding);
  }

  /** An extension went well, an automatic one too. */
  renewed(lock: Lock): void {
    const holding = this.holdings.of(lock);
    if (!holding) return;
    for (const oracle of this.panel.renewed) oracle.renewed?.(holding);
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
      for (const oracle of this.panel.answered) oracle.answered?.(call);
    };
    reply.then(end, end);
    for (const oracle of this.panel.called) oracle.called?.(call);
    this.onCall?.(call);
  }

  /** An explicit extension went well. @param asked when it was asked for */
  extended(holding: Holding, asked: number): void {
    for (const oracle of this.panel.extended) oracle.extended?.(holding, asked);
  }

  releasing(holding: Holding): void {
    holding.released ??= { at: this.world.now, believed: holding.believed };
  }

  released(holding: Holding, confirmed: boolean): void {
    this.story?.tell(holding.process.name, `released ${tellLock(holding.lock)}: ${confirmed}`);
    if (confirmed) this.tally.releases++;
    for (const oracle of this.panel.released) oracle.released?.(holding, confirmed);
  }

  /** An attempt was denied. */
  contended(process: ClientProcess, resources: readonly string[], votes: readonly Vote[]): void {
    this.tally.contentions++;
    const has = (wanted: string): boolean => votes.some(({ vote }) => vote === wanted);
    const isSplit = has('granted') && has('denied');
    if (isSplit) this.tally.splits++;
    const roundTrip = Math.max(0, ...votes.map(({ vote, ms }) => (vote === 'failed' ? 0 : ms)));
    for (const oracle of this.panel.contended) {
      oracle.contended?.({ process: process.name, resources, isSplit, roundTrip });
    }
  }

  began(process: ClientProcess, resources: readonly string[]): void {
    for (const oracle of this.panel.began) oracle.began?.(process, resources);
  }

  ended(process: ClientProcess, resources: readonly string[]): void {
    for (const oracle of this.panel.ended) oracle.ended?.(process, resources);
  }

  /** The holder gives a handle up, and not the lock. */
  detached(holding: Holding): void {
    holding.detached = true;
    for (const oracle of this.panel.detached) oracle.detached?.(holding);
  }

  /** A process hears that a node keeps a key for it. */
  heard(process: ClientProcess, node: number, key: string): void {
    this.tally.callsHeard++;
    for (const oracle of this.panel.heard) oracle.heard?.(process, node, key);
  }

  /** A call begins to wait for a lock. */
  waits(process: ClientProcess, options: AcquireOptions): Wait {
    const wait = new Wait(process, this.world.now, options);
    if (options.wait !== 0) this.waiting.add(wait);
    return wait;
  }

  waitEnds(wait: Wait): void {
    if (!this.waiting.has(wait)) return;
    for (const oracle of this.panel.waited) oracle.waited?.();
    this.waiting.delete(wait);
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
      for (const oracle of this.panel.looked) oracle.looked?.(holding);
    }
  }

  /** The clock of a process was set back: what had ended may not have. */
  clockChanged(process: ClientProcess): void {
    for (const holding of this.holdings.live) {
      if (holding.process !== process || !holding.ends || process.crashed) continue;
      for (const oracle of this.panel.looked) oracle.looked?.(holding);
    }
  }

  #see(holding: Holding): void {
    const { process, lock } = holding;
    holding.ends = process.endsOf(() => lock.remaining());
    holding.fencingToken = lock.fencingToken;
    this.story?.belief(holding);
  }
}
