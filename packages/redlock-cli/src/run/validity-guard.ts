import { setTimeout as sleep } from 'node:timers/promises';
import type { Lock } from 'redlock-core';
import type { Io } from '../io.js';
import { spoken } from '../spoken.js';
import type { CommandProcess } from './command-process.js';

/** The most that the margin is, in ms: it is for delays of this machine, which do not grow with the ttl. */
const MOST_MARGIN = 500;
/** How often to look whether a process group is gone, in ms. */
const POLL = 10;

/**
 * Ends the command before the validity of its lock ends: SIGTERM when extensions have failed for so long that only the
 * time until SIGKILL is left, and then SIGKILL. It does not wait until the core says that the lock is lost, because the
 * core says so only at the end of validity.
 *
 * Once the command was sent SIGTERM, the lock counts as lost, also if a later extension succeeds.
 */
export class ValidityGuard {
  readonly #lock: Lock;
  readonly #command: CommandProcess;
  readonly #killAfter: number;
  readonly #io: Io;
  /** How long before the end of validity SIGKILL is sent, in ms. So much later this process may be woken up. */
  readonly #margin: number;
  /** When SIGKILL is due, on the monotonic clock; null: the command may go on. */
  #killAt: number | null = null;
  #isKilled = false;
  /** What should be left at the next look, in ms; less by more than the margin: this process has stood still. */
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
    this.#margin = Math.min(ttl / 10, MOST_MARGIN);
    lock.signal.addEventListener('abort', this.#look);
    this.#look();
  }

  /**
   * Ends the watch, because the command has ended. If the lock is lost, resolves only when nothing that the command has
   * started in its group is left, or was sent SIGKILL.
   * @returns whether the command had the lock until its end
   */
  async end(): Promise<boolean> {
    const isHeld = this.#killAt === null && this.#lock.remaining() > 0;
    if (!isHeld) {
      this.#look();
      while (!this.#isKilled && this.#command.isAlive) await sleep(POLL);
    }
    clearTimeout(this.#timer);
    this.#lock.signal.removeEventListener('abort', this.#look);
    return isHeld;
  }

  readonly #look = (): void => {
    clearTimeout(this.#timer);
    if (this.#isKilled) return;
    const left = this.#lock.remaining() - this.#margin;
    const due = this.#due(left);
    if (due <= 0) {
      this.#kill();
      return;
    }
    // Look in between, too, because validity may end by the wall clock, which may be set forward.
    const delay = Math.min(due, this.#margin / 2);
    this.#expected = left - delay;
    this.#timer = setTimeout(this.#look, delay);
  };

  /**
   * Sends SIGTERM if it is time.
   * @param left ms until SIGKILL must be sent
   * @returns in how many ms to look again; not positive: SIGKILL is due
   */
  #due(left: number): number {
    const now = performance.now();
    if (this.#killAt === null) {
      if (left > this.#killAfter) return left - this.#killAfter;
      // This process has stood still, so its extensions are overdue, too. They get the time until the next look.
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
      this.#io.tell(
        `the lock cannot be extended: the command was sent SIGTERM, and is killed in ${spoken(grace)}`,
      );
    }
    return now + grace;
  }

  #kill(): void {
    // A look may find out that the lock is lost, which is another reason to look.
    if (this.#isKilled) return;
    this.#isKilled = true;
    if (this.#command.send('SIGKILL')) this.#io.tell('the lock is lost: the command was killed');
    else if (!this.#command.isAlive)
      this.#io.tell('the lock was lost before the command had ended');
    else this.#io.tell('the lock is lost, and the command runs on: it belongs to another user');
  }
}
