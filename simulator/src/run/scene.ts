import {
  isNativeGrant,
  lockKeysOf,
  type AcquireOptions,
  type Keyspace,
  type Lock,
} from '../core.js';
import { Holding } from './holding.js';
import type { Oracle } from '../oracles/oracle.js';
import type { Plan } from '../plan/plan.js';
import type { ClientProcess } from '../world/process.js';
import { encodedIn } from './operations.js';
import { isReservation, processOf } from './queue-member.js';
import type { Change, Message, QueueChange, Server } from '../server/server.js';
import type { Story } from '../story/story.js';
import { Tally } from './tally.js';
import { Wait } from './wait.js';
import type { World } from '../world/world.js';

/** By then a connection that was lost is replaced, in ms. */
const NOTICED = 12_000;

/** A promise that did not hold. */
export interface Violation {
  readonly oracle: string;
  readonly time: number;
  readonly what: string;
}

/** Something that the adversary has done. */
export interface Disturbance {
  readonly at: number;
  /** The process that is gone or stands still by it, if nothing else is touched. */
  readonly absent: ClientProcess | null;
}

/** What everybody in a run shares, and where the oracles look. */
export class Scene {
  readonly holdings: Holding[] = [];
  readonly tally = new Tally();
  readonly disturbances: Disturbance[] = [];
  oracles: readonly Oracle[] = [];
  servers: readonly Server[] = [];
  violation: Violation | null = null;
  /** The calls that wait for a lock. */
  readonly waiting = new Set<Wait>();
  /** The queues that nodes have had. */
  readonly queues = new Set<string>();
  /** When each member of a queue last entered it on each node, in true time. */
  readonly enteredAt = new Map<string, number>();
  /** Called once, when a node calls a process: the adversary lies in wait for that. */
  ambush: ((process: string) => void) | null = null;
  /** The tokens of locks that were granted. */
  readonly #granted = new Set<string>();
  #active: ClientProcess[] = [];
  readonly #byLock = new Map<Lock, Holding>();
  /** Of a token that has replaced another on some node: the other. */
  readonly #origins = new Map<string, string>();
  readonly #replaced = new Set<string>();
  /** What was put back, by node and token. */
  readonly #restored = new Set<string>();

  constructor(
    readonly plan: Plan,
    readonly world: World,
    readonly quorum: number,
    /** Of a run that is told; others are only counted. */
    readonly story: Story | null,
  ) {}

  fail(oracle: string, what: string): void {
    this.violation ??= { oracle, time: this.world.now, what };
  }

  /** A process got a lock. */
  acquired(process: ClientProcess, lock: Lock): void {
    const holding = this.#note(process, lock, true);
    this.#granted.add(lock.token);
    this.tally.grants++;
    this.story?.tell(process.name, `holds ${tellLock(lock)}`);
    this.#look(holding);
    for (const oracle of this.oracles) oracle.acquired?.(holding);
  }

  /** The handle that a caller was given: of its own, or a further one on what `outer` is on. */
  handle(process: ClientProcess, lock: Lock, outer?: Holding): Holding {
    const known = this.#byLock.get(lock);
    const holding = known ?? this.#note(process, lock, false);
    if (outer) {
      for (const each of this.holdings) if (each.token === lock.token) each.owner = outer.owner;
    }
    if (!known) this.tally.reentries++;
    return holding;
  }

  lost(lock: Lock): void {
    const holding = this.#byLock.get(lock);
    if (!holding) return;
    this.tally.losses++;
    holding.losses++;
    this.story?.tell(holding.process.name, `has lost ${tellLock(lock)}`);
    for (const oracle of this.oracles) oracle.lost?.(holding);
  }

  /** An extension went well, an automatic one too. */
  renewed(lock: Lock): void {
    const holding = this.#byLock.get(lock);
    if (!holding) return;
    for (const oracle of this.oracles) oracle.renewed?.(holding);
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
      for (const oracle of this.oracles) oracle.answered?.(call);
    };
    reply.then(end, end);
    for (const oracle of this.oracles) oracle.called?.(call);
  }

  /** An explicit extension went well. @param asked when it was asked for */
  extended(holding: Holding, asked: number): void {
    for (const oracle of this.oracles) oracle.extended?.(holding, asked);
  }

  releasing(holding: Holding): void {
    holding.released ??= { at: this.world.now, believed: holding.believed };
  }

  released(holding: Holding, confirmed: boolean): void {
    this.story?.tell(holding.process.name, `released ${tellLock(holding.lock)}: ${confirmed}`);
    if (confirmed) this.tally.releases++;
    for (const oracle of this.oracles) oracle.released?.(holding, confirmed);
  }

  /** An attempt was denied. */
  contended(process: ClientProcess, votes: readonly { readonly vote: string }[]): void {
    this.tally.contentions++;
    const has = (wanted: string): boolean => votes.some(({ vote }) => vote === wanted);
    const isSplit = has('granted') && has('denied');
    if (isSplit) this.tally.splits++;
    for (const oracle of this.oracles) oracle.contended?.(process.name, isSplit);
  }

  /** A server executes a command. */
  executed(command: readonly string[]): void {
    if (isNativeGrant(command)) this.tally.nativeGrants++;
    else if (command.includes('g')) this.tally.scriptGrants++;
    if (command.includes('C') || command.includes('C2')) this.tally.confirms++;
    if (['h', 'H', 'h2', 'H2'].some((what) => command.includes(what))) this.tally.heals++;
    if (['q', 'Q', 'q2', 'Q2'].some((what) => command.includes(what))) this.tally.queueTries++;
    if (!command.includes('r')) return;
    for (const { letter, token, entries } of encodedIn(command)) {
      if (letter !== 'r') continue;
      const isOfLock = this.#granted.has(token);
      if (isOfLock && entries[0]?.startsWith('+')) this.tally.handOvers++;
      if (!isOfLock && entries[0]?.startsWith('-')) this.tally.leaves++;
    }
  }

  queued(change: QueueChange): void {
    this.queues.add(change.queue);
    const { server, before, after } = change;
    for (const member of after) {
      if (!before.includes(member)) this.enteredAt.set(`${server.name} ${member}`, this.world.now);
    }
    for (const oracle of this.oracles) oracle.queued?.(change);
  }

  published(message: Message): void {
    const { text, channel, receivers } = message;
    if (text !== 'called') this.tally.standBys++;
    else if (receivers === 0) this.tally.callsUnheard++;
    else {
      this.tally.calls++;
      this.story?.tell(message.server.name, `calls ${processOf(channel)}`);
      const { ambush } = this;
      this.ambush = null;
      ambush?.(processOf(channel));
    }
    for (const oracle of this.oracles) oracle.published?.(message);
  }

  began(process: ClientProcess): void {
    for (const oracle of this.oracles) oracle.began?.(process);
  }

  /** A process hears that a node calls it. */
  heard(process: ClientProcess, node: number): void {
    this.tally.callsHeard++;
    for (const oracle of this.oracles) oracle.heard?.(process, node);
  }

  /** A call begins to wait for a lock. */
  waits(process: ClientProcess, options: AcquireOptions): Wait {
    const wait = new Wait(process, this.world.now, options);
    if (options.wait !== 0) this.waiting.add(wait);
    return wait;
  }

  waitEnds(wait: Wait): void {
    if (!this.waiting.has(wait)) return;
    for (const oracle of this.oracles) oracle.waited?.();
    this.waiting.delete(wait);
  }

  /** Whether something may have kept a process from a node since a moment, or have changed the order of commands. */
  isDisturbedSince(time: number): boolean {
    const { tail, lag, throws, redirects } = this.plan;
    if (tail + lag + throws + redirects > 0) return true;
    return this.disturbances.some(({ at }) => at > time - NOTICED);
  }

  /** Something is disturbed, or may be from now on. */
  disturbed(what: Disturbance): void {
    this.disturbances.push(what);
  }

  changed(change: Change): void {
    const { server, key, before, after } = change;
    if (before === after) return;
    if (key.endsWith(':fencing')) {
      for (const oracle of this.oracles) oracle.counted?.(change);
      return;
    }
    this.world.trace.text(after ?? '');
    this.story?.key(server.name, key, after);
    if (isReservation(after)) this.tally.reservations++;
    if (isReservation(before) && after !== null) this.tally.reservationsTaken++;
    else if (before !== null && after !== null && !isReservation(after)) {
      this.#noteReplacement(server.name, before, after);
    }
    for (const oracle of this.oracles) oracle.changed?.(change);
  }

  /** The token that this one has replaced on some node, by an adoption or a release that keeps the key. */
  originOf(token: string): string | undefined {
    return this.#origins.get(token);
  }

  /** Some adoption has taken hold of it on some node, whatever came of that. */
  isAdopted(token: string): boolean {
    return this.#replaced.has(token);
  }

  /** A failed adoption has put it back, when its holder had gone maybe. */
  isRestored(server: string, token: string): boolean {
    return this.#restored.has(`${server} ${token}`);
  }

  counterOf(keyspace: Keyspace, resource: string): number {
    const [counter = ''] = lockKeysOf([resource], '', true, []).counters;
    return Number(keyspace.get(counter) ?? 0);
  }

  /** Somebody's code runs. */
  activate(process: ClientProcess): void {
    if (!this.#active.includes(process)) this.#active.push(process);
  }

  get active(): boolean {
    return this.#active.length > 0;
  }

  lookAtActive(): void {
    const active = this.#active;
    this.#active = [];
    for (const process of active) this.look(process);
  }

  /** A process has run: what it holds may have changed. */
  look(process: ClientProcess): void {
    for (const holding of this.holdings) {
      if (holding.process !== process || this.#isOver(holding)) continue;
      const { ends } = holding;
      this.#look(holding);
      if (holding.ends && ends && holding.ends.mono > ends.mono) this.tally.extensions++;
      for (const oracle of this.oracles) oracle.looked?.(holding);
    }
  }

  /** The clock of a process was set back: what had ended may not have. */
  clockChanged(process: ClientProcess): void {
    for (const holding of this.holdings) {
      if (holding.process !== process || !holding.ends || process.crashed) continue;
      for (const oracle of this.oracles) oracle.looked?.(holding);
    }
  }

  #noteReplacement(server: string, before: string, after: string): void {
    if (this.#origins.get(before) === after) this.#restored.add(`${server} ${after}`);
    else {
      this.#origins.set(after, before);
      this.#replaced.add(before);
    }
  }

  #isOver({ ends, losses, released, detached }: Holding): boolean {
    return ends === null && (losses > 0 || released !== null || detached);
  }

  #look(holding: Holding): void {
    const { process, lock } = holding;
    holding.ends = process.endsOf(() => lock.remaining());
    holding.fencingToken = lock.fencingToken;
    this.story?.belief(holding);
  }

  #note(process: ClientProcess, lock: Lock, first: boolean): Holding {
    const takesSignal = this.holdings.length % 2 === 0;
    const holding = new Holding(process, lock, this.world.now, first, takesSignal);
    this.holdings.push(holding);
    this.#byLock.set(lock, holding);
    this.world.trace.number(lock.fencingToken);
    return holding;
  }
}

export function tellLock({ resources, token, fencingToken }: Lock): string {
  return `${resources.join('+')} as ${token}` + (fencingToken > 0 ? `, #${fencingToken}` : '');
}
