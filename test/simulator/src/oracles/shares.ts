import type { Deployment } from '../run/deployment.js';
import type { Holding } from '../run/holding.js';
import type { Contention, Oracle } from './oracle.js';
import { calledBy, isCall, processOf } from '../commands/queue-member.js';
import type { Scene } from '../run/scene.js';
import type { Change, Message, QueueChange } from '../server/witness.js';

/** So often a lock is handed over within a process while others wait, or for so long, in ms. */
const HAND_OVERS = 16;
const STREAK = 1000;
/** The process must know that others wait, and be able to hear that it is called, before it stands back. */
const MORE = 8;
const LATER = 500;

/**
 * A process that has the lock again and again gives others their turn: not more often in a row than it may be handed
 * over, and not for longer, while a process stands in the queues of all nodes and hears that it is called.
 */
export class Shares implements Oracle {
  readonly #scene: Scene;
  readonly #deployment: Pick<Deployment, 'clients'>;
  /** Since when each process stands in the queue of each node, in true time. */
  readonly #stands = new Map<string, number>();
  #latest: Holding | null = null;
  #times = 0;
  #since = 0;

  constructor(scene: Scene, deployment: Pick<Deployment, 'clients'>) {
    this.#scene = scene;
    this.#deployment = deployment;
  }

  /** The queue has decided that it is the turn of this process. */
  published({ channel, text }: Message): void {
    if (!isCall(text) || processOf(channel) !== this.#latest?.process.name) return;
    this.#latest = null;
  }

  /** A lock that is handed over is never free in between. */
  changed({ after }: Change): void {
    if (after === null) this.#latest = null;
  }

  /** It was not handed over to the first in line: somebody else has got it, as another call of this process. */
  contended({ process }: Contention): void {
    if (process === this.#latest?.process.name) this.#latest = null;
  }

  queued({ server, before, after }: QueueChange): void {
    if (before === after) return;
    const names = after.map((member) => `${server.name} ${calledBy(member).process}`);
    for (const member of before) {
      const name = `${server.name} ${calledBy(member).process}`;
      if (!names.includes(name)) this.#stands.delete(name);
    }
    for (const name of names) {
      if (!this.#stands.has(name)) this.#stands.set(name, this.#scene.world.now);
    }
  }

  acquired(holding: Holding): void {
    const { world, plan, disturbances } = this.#scene;
    // A lock that nobody releases is not handed over, and nobody is called when its keys expire.
    const isReleased = this.#latest?.released?.believed === true && this.#latest.keptFor === 0;
    const isAgain = isReleased && this.#latest?.process === holding.process;
    const last = this.#latest?.since ?? 0;
    this.#latest = holding;
    this.#times = isAgain ? this.#times + 1 : 1;
    // The streak begins with the first hand-over.
    if (this.#times <= 2) this.#since = world.now;
    if (plan.resources.length > 1 || plan.channels.some((channels) => channels !== 'heard')) return;
    const isDisturbed = disturbances.all.some(
      ({ at, absent }) => at > this.#since || absent === null,
    );
    if (isDisturbed && this.#since < plan.faultsUntil) return;
    if (disturbances.latest > this.#since) return;
    // The last lock of a streak begins before its time is over.
    const isTooLong = last - this.#since > STREAK + LATER && this.#times > 4;
    if (this.#times <= HAND_OVERS + MORE && !isTooLong) return;
    const other = this.#deployment.clients.find(
      ({ process }) =>
        [...this.#scene.waiting].some((wait) => wait.process === process) &&
        this.#scene.servers.every(
          ({ name }) => (this.#stands.get(`${name} ${process.name}`) ?? Infinity) < this.#since,
        ),
    );
    if (!other || other.process === holding.process || other.isGone || other.process.paused) return;
    this.#scene.fail(
      'shares',
      `${holding.process.name} has had the lock ${this.#times} times in a row, while ${other.process.name} waits`,
    );
  }
}
