import type { LockMode } from '../mode.js';
import { roundTripOf, type Response } from '../node/response.js';
import { Claim } from '../protocol/claim.js';
import { isPermitLine, LockKeys } from '../protocol/lock-keys.js';
import { leave } from '../protocol/operation.js';
import { PermitKeys } from '../protocol/permit-keys.js';
import type { Quorum } from '../quorum/quorum.js';
import { Pause } from '../time/pause.js';
import type { Runtime } from '../time/runtime.js';
import type { CallListener } from './call-channel.js';
import type { CallChannels } from './call-channels.js';
import { reservationOf, standByTime } from './reservation.js';
import type { Held } from './held.js';
import { WaitingLine, type Place } from './waiting-line.js';

const NO_ENTRY = '';

/** What the waiting lines of one Redlock share. */
export interface LineServices {
  readonly runtime: Runtime;
  readonly channels: CallChannels;
  readonly quorum: Pick<Quorum, 'nodes' | 'tell'>;
  /** Aborts when the Redlock is closed. */
  readonly closed: AbortSignal;
}

/**
 * The waiting lines of one Redlock, by key. There is a line if somebody in this process waits for the key or holds it.
 *
 * Perf: one map for waiters and holders; V8 frees churned entries only in a full collection.
 */
export class WaitingLines implements CallListener {
  readonly #services: LineServices;
  readonly #lines = new Map<string, WaitingLine>();
  #arrivals = 0;

  constructor(services: LineServices) {
    this.#services = services;
  }

  /** The lock of this process that holds a key; null: there is none. */
  holderOf(key: string): Held | null {
    return this.#lines.get(key)?.holder ?? null;
  }

  /** Whether a lock of this process holds a permit of the semaphore that has a line. */
  holdsPermit(line: string, permit: number): boolean {
    return this.#lines.get(line)?.holdsPermit(permit) === true;
  }

  /** @returns the number of a new waiter, by which lines are ordered */
  arrive(): number {
    return this.#arrivals++;
  }

  enter(key: string, place: Place): WaitingLine {
    const line = this.#lineFor(key);
    line.enter(place);
    this.#services.channels.get(key)?.keep();
    return line;
  }

  /** @param gaveUp whether the process leaves the key's queue, if nobody else here waits for it */
  leave(key: string, place: Place, gaveUp: boolean): void {
    const line = this.#lines.get(key);
    if (!line) return;
    line.leave(place);
    if (!line.first) {
      if (gaveUp) this.#leaveQueue(key);
      this.#services.channels.get(key)?.linger();
    }
    // Nodes keep permits for this process, which the next waiter may want; if there is none, the calls are passed on.
    for (const { node, permit } of place.unanswered) this.#answer(key, node, permit);
    this.#dropIfIdle(key, line);
  }

  /**
   * A waiter has gone whose tries may have entered this process in the queue of a key in whose line it did not stand. Whoever
   * waits for that key here, or holds it, leaves the queue in the end.
   * @param reservation for how many ms the key is reserved in the entries of these tries
   */
  mayHaveEntered(key: string, reservation: number): void {
    const line = this.#lines.get(key);
    if (line) line.entering(reservation);
    else this.#tellLeft(key, reservation);
  }

  /**
   * Lets the nodes call this process for a key.
   * @param reservation for how many ms the key is reserved for it then
   */
  listen(key: string, reservation: number): void {
    this.#services.channels.open(key, reservation, this);
  }

  /** Whether the nodes can call this process for a key, or soon can. */
  listensFor(key: string): boolean {
    return this.#services.channels.get(key) !== undefined;
  }

  held(lock: Held): void {
    for (const key of lock.lines) this.#lineFor(key).held(lock);
  }

  /** A lock has ended, and its keys are not free by that. */
  ended(lock: Held): void {
    for (const key of lock.lines) {
      const line = this.#lines.get(key);
      if (!line) continue;
      line.ended(lock);
      if (!line.first && !this.#services.closed.aborted) this.#leaveQueue(key);
      this.#dropIfIdle(key, line);
    }
  }

  /**
   * A lock ends and its release is about to be sent, so that the next waiter can ask for it in the same command.
   * @returns the entries of the release, one for each key; null: it has none
   */
  releasing(lock: Held): readonly string[] | null {
    const { runtime, channels, closed } = this.#services;
    const entries: string[] = [];
    for (const key of lock.lines) {
      const line = this.#lines.get(key);
      const channel = channels.get(key);
      // A lock whose end is noticed late may have a successor, and a shared one may have others beside it: then a waiter of
      // this process stands in the queue. So does that of a line which stands back: it has entered the queue with its release
      // of another permit.
      const staysInQueue =
        line?.first !== undefined && (line.standingBack || !line.isFreedBy(lock));
      const standsBack = line?.releasing(lock, channel?.isHeard === true);
      if (channel && standsBack && line?.first) {
        const { reservation } = channel;
        entries.push(line.first.handOver(key, reservation));
        line.mayStand = true;
        line.standBack(new Pause(standByTime(reservation), runtime, [closed]));
      } else if (line?.mayStand && !staysInQueue) {
        entries.push(`-${this.memberOf(key)}`);
        line.mayStand = false;
      } else entries.push(NO_ENTRY);
      if (line) this.#dropIfIdle(key, line);
    }
    return entries.some((entry) => entry !== NO_ENTRY) ? entries : null;
  }

  /**
   * The release of a lock is decided.
   * @param responses to the release: each says how many processes wait on that node
   */
  released(lock: Held, responses: readonly Response<number>[]): void {
    for (const key of lock.lines) {
      const line = this.#lines.get(key);
      if (!line) continue;
      const own = line.standingBack ? 1 : 0;
      line.othersWait = responses.some(({ detail = 0 }) => detail > own);
      // When this process has to stand back, it must be able to hear that it is called.
      if (line.othersWait && line.first) {
        this.listen(key, line.reservation ?? reservationOf(roundTripOf(responses)));
      }
    }
  }

  /** Whether anybody in this process waits for a key. */
  isAwaited(key: string): boolean {
    return this.#lines.get(key)?.first !== undefined;
  }

  called(key: string, node: number, permit: number | null): void {
    // When the Redlock is closed, whoever waits leaves the queues by itself, and that passes the call on.
    if (!this.#services.closed.aborted) this.#answer(key, node, permit);
  }

  standBy(key: string, ms: number): void {
    this.#lines.get(key)?.first?.standBy(ms);
  }

  missed(key: string): void {
    this.#lines.get(key)?.first?.missed();
  }

  unheard(key: string): void {
    this.#lines.get(key)?.first?.wake();
  }

  /**
   * The member that stands for this process in a key's queue. Whoever leaves a queue leaves it in both modes.
   * @param reservation see {@link WaitingLine.reservation}; needed if nobody here has entered the queue
   */
  memberOf(key: string, reservation = 0, mode: LockMode = 'exclusive'): string {
    const own = this.#lines.get(key)?.reservation ?? reservation;
    return this.#services.channels.memberOf(key, own, mode);
  }

  #answer(key: string, node: number, permit: number | null): void {
    const line = this.#lines.get(key);
    // Another node has called for the same permit before, and this process has it by now.
    if (permit !== null && line?.holdsPermit(permit)) return;
    line?.resume();
    if (line?.first) line.first.called(node, permit);
    // A process that holds the key needs no call for it, and nobody else does while it is held.
    else if (!line?.holder) this.#leaveQueue(key, [node], permit);
  }

  /**
   * Leaves a key's queue, at all nodes or at some; if this process was called there, the next one is.
   * @param permit of a semaphore: the one for which this process was called last; null: there is none
   */
  #leaveQueue(key: string, nodes?: readonly number[], permit: number | null = null): void {
    const line = this.#lines.get(key);
    if (!nodes && !line?.mayStand) return;
    this.#tellLeft(key, 0, nodes, permit);
    if (line && !nodes) line.mayStand = false;
  }

  /** Tells some nodes, or all of them, that this process leaves a key's queue. */
  #tellLeft(
    key: string,
    reservation: number,
    nodes?: readonly number[],
    permit: number | null = null,
  ): void {
    const { quorum, runtime } = this.#services;
    const lockKeys = isPermitLine(key)
      ? new PermitKeys(key, permit ?? 0, 1, false)
      : new LockKeys([key], false, true);
    const claim = new Claim(lockKeys, runtime.token());
    const left = leave(claim, [`-${this.memberOf(key, reservation)}`]);
    for (const node of nodes ?? Array.from({ length: quorum.nodes }).keys())
      quorum.tell(node, left);
  }

  #lineFor(key: string): WaitingLine {
    let line = this.#lines.get(key);
    if (!line) {
      line = new WaitingLine(this.#services.runtime, isPermitLine(key));
      this.#lines.set(key, line);
    }
    return line;
  }

  #dropIfIdle(key: string, line: WaitingLine): void {
    if (line.isIdle) this.#lines.delete(key);
  }
}
