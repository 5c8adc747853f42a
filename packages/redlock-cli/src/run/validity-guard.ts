import { setTimeout as sleep } from 'node:timers/promises';
import type { Lock } from 'redlock-core';
import { formatDuration, type Io } from '../io.js';
import type { CommandProcess } from './command-process.js';

/** The longest margin, in ms: it is for delays of this machine, which do not grow with the ttl. */
const MAX_MARGIN = 500;
/** How often to check whether a process group is gone, in ms. */
const CHECK_INTERVAL = 10;

/**
 * Ends the command before the validity of its lock ends: SIGTERM when only the time until SIGKILL is left, because
 * extensions have failed, and then SIGKILL. It does not wait for the core to report the loss, which the core does only at
 * the end of validity.
 *
 * Once the command was sent SIGTERM, the lock counts as lost, also if a later extension succeeds.
 */
export class ValidityGuard {
  readonly #lock: Lock;
  readonly #command: CommandProcess;
  readonly #killAfter: number;
  readonly #io: Io;
  /** How long before the end of validity SIGKILL is sent, in ms. Timers of this process may be late by this much. */
  readonly #margin: number;
  /** When SIGKILL is due, on the monotonic clock; null: the command can continue. */
  #killAt: number | null = null;
  #isKilled = false;
  /** What should be left at the next check, in ms; if it is less by more than the margin, this process was paused. */
  #expected = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    lock: Lock,
    command: CommandProcess,
    { ttl, killAfter }: { ttl: number; killAfter: number },
    io: Io,
  ) {
    this.#io = io;
    this.#lock = lock;
    this.#command = command;
    this.#killAfter = killAfter;
    this.#margin = Math.min(ttl / 10, MAX_MARGIN);
    lock.signal.addEventListener('abort', this.#check);
    this.#check();
  }

  /**
   * Ends the watch, because the command has ended. If the lock is lost, resolves only when no process of the command's
   * group is left, or all were sent SIGKILL.
   * @returns whether the command had the lock until its end
   */
  async end(): Promise<boolean> {
    const isHeld = this.#killAt === null && this.#lock.remaining() > 0;
    if (!isHeld) {
      this.#check();
      while (!this.#isKilled && this.#command.isAlive) await sleep(CHECK_INTERVAL);
    }
    clearTimeout(this.#timer);
    this.#lock.signal.removeEventListener('abort', this.#check);
    return isHeld;
  }

  readonly #check = (): void => {
    clearTimeout(this.#timer);
    if (this.#isKilled) return;
    const left = this.#lock.remaining() - this.#margin;
    const due = this.#due(left);
    if (due <= 0) {
      this.#kill();
      return;
    }
    // Check in between, too, because validity can end by the wall clock, which can be set forward.
    const delay = Math.min(due, this.#margin / 2);
    this.#expected = left - delay;
    this.#timer = setTimeout(this.#check, delay);
  };

  /**
   * Sends SIGTERM if it is time.
   * @param left ms until SIGKILL must be sent
   * @returns in how many ms to check again; not positive: SIGKILL is due
   */
  #due(left: number): number {
    const now = performance.now();
    if (this.#killAt === null) {
      if (left > this.#killAfter) return left - this.#killAfter;
      // This process was paused, so its extensions are overdue, too. They get the time until the next check.
      if (left > 0 && left < this.#expected - this.#margin) return left;
      this.#killAt = this.#terminate(now, left);
    }
    return Math.min(this.#killAt - now, left);
  }

  /** @returns when SIGKILL is due */
  #terminate(now: number, left: number): number {
    const grace = Math.max(Math.min(this.#killAfter, left), 0);
    if (grace > 0) {
      this.#command.send('SIGTERM');
      this.#io.log(
        `cannot extend the lock: sent SIGTERM to the command; SIGKILL follows in ${formatDuration(grace)}.`,
      );
    }
    return now + grace;
  }

  #kill(): void {
    // A check may discover the loss, which causes another check.
    if (this.#isKilled) return;
    this.#isKilled = true;
    if (this.#command.send('SIGKILL')) this.#io.log('lost the lock: killed the command.');
    else if (!this.#command.isAlive) this.#io.log('lost the lock before the command ended.');
    else this.#io.log('lost the lock, but cannot signal the command (different user).');
  }
}
