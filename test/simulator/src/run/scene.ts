import type { AcquireOptions, Lock } from '../core.js';
import type { Wrong } from '../mutants/around-core.js';
import { quorumOf } from '../plan/assumptions.js';
import type { Plan } from '../plan/plan.js';
import type { Server } from '../server/server.js';
import type { ClientProcess } from '../world/process.js';
import type { World } from '../world/world.js';
import { Replacements } from './bookkeeping.js';
import type { Call, Events, Oracle } from './events.js';
import { Holdings, type Holding } from './holding.js';
import type { Line, Violation } from './story.js';
import { newTally } from './tally.js';
import { Wait } from './wait.js';

/** By then a connection that was lost is replaced, and a node that is unresponsive is asked again, in ms. */
const NOTICED = 12_000;

class Disturbances {
  /** When the latest of them was; -Infinity: there is none. */
  latest = -Infinity;
  readonly #lasts: number;

  /** @param plan without wrong clocks, messages are late only because of faults */
  constructor({ quarantine, quarantineTime, driftFactor, kind, ...plan }: Plan) {
    const { tail, lag, throws, redirects } = plan;
    const isConstant = tail + lag + throws + redirects > 0 || kind === 'wild';
    const forgetting = quarantine === false ? 0 : quarantineTime * (1 + driftFactor);
    this.#lasts = isConstant ? Infinity : NOTICED + forgetting;
  }

  note(time: number): void {
    this.latest = time;
  }

  /** From when on nothing that the adversary has done so far has an effect; Infinity: messages are late at any time. */
  get over(): number {
    return this.#lasts === Infinity ? Infinity : this.latest + this.#lasts;
  }

  /** Whether something may have kept a process from a node since a moment, or have changed the order of commands. */
  isDisturbedSince(time: number): boolean {
    return this.over > time;
  }
}

/** What all parts of a run share, and where the oracles look. */
export class Scene {
  readonly holdings: Holdings;
  readonly tally = newTally();
  readonly disturbances: Disturbances;
  readonly replacements = new Replacements();
  readonly quorum: number;
  servers: readonly Server[] = [];
  violation: Violation | null = null;
  readonly lines: Line[] = [];
  readonly waiting = new Set<Wait>();
  readonly granted = new Set<string>();
  /** The locks that somebody may adopt: their holders have detached them, lent them or crashed. */
  readonly adoptable: Holding[] = [];
  /** Called once, when a node notifies a process: the adversary lies in wait for that. */
  ambush: ((process: string) => void) | null = null;
  /** Called with each command that the core gives to a client: the adversary waits for one. */
  onCall: ((call: Call) => void) | null = null;
  /** The processes that have run during the present event. */
  readonly active = new Set<ClientProcess>();
  #oracles: readonly Oracle[] = [];
  /** Perf: most oracles receive few kinds of events. */
  readonly #watching = new Map<keyof Events, readonly Oracle[]>();

  constructor(
    readonly plan: Plan,
    readonly world: World,
    /** What is wrong on purpose. */
    readonly wrong: Wrong = {},
    /** `told`: lines are kept. `oracle`: only this one judges. */
    private readonly terms: { readonly told?: boolean; readonly oracle?: string | undefined } = {},
  ) {
    this.quorum = quorumOf(plan.nodes);
    this.holdings = new Holdings(world);
    this.disturbances = new Disturbances(plan);
  }

  watch(oracles: readonly Oracle[]): void {
    this.#oracles = oracles;
  }

  emit<E extends keyof Events>(event: E, ...args: Events[E]): void {
    let watching = this.#watching.get(event);
    if (!watching) {
      watching = this.#oracles.filter((oracle) => oracle[event] !== undefined);
      this.#watching.set(event, watching);
    }
    for (const oracle of watching) oracle[event]?.(...args);
  }

  fail(oracle: string, what: string): void {
    if (this.terms.oracle !== undefined && oracle !== this.terms.oracle) return;
    this.violation ??= { oracle, time: this.world.now, what };
  }

  tell(who: string, what: string): void {
    if (this.terms.told) this.lines.push({ time: this.world.now, who, what });
  }

  acquired(process: ClientProcess, lock: Lock): void {
    const holding = this.holdings.add(process, lock, true);
    this.granted.add(lock.token);
    this.tally.grants++;
    if (this.plan.semaphore) this.tally.permitGrants++;
    this.tell(process.name, `holds ${holding.description}`);
    holding.update();
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
    this.tell(holding.process.name, `has lost ${holding.description}`);
    this.emit('lost', holding);
  }

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

  waits(process: ClientProcess, resources: readonly string[], options: AcquireOptions): Wait {
    const wait = new Wait(process, resources, this.world.now, options);
    if (options.wait !== 0) this.waiting.add(wait);
    return wait;
  }

  waitEnds(wait: Wait): void {
    if (this.waiting.delete(wait)) this.emit('waited', wait);
  }

  lookAtActive(): void {
    const active = [...this.active];
    this.active.clear();
    for (const process of active) this.look(process);
  }

  /** A process has run: what it holds may have changed. */
  look(process: ClientProcess): void {
    for (const holding of this.holdings.liveOf(process)) {
      const { ends } = holding;
      holding.update();
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
}
