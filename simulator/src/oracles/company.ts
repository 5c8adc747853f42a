import type { Deployment } from '../run/deployment.js';
import { calledBy, isReservation } from '../commands/queue-member.js';
import { LockKeys, SHARED } from '../core.js';
import type { Scene } from '../run/scene.js';
import type { Wait } from '../run/wait.js';
import type { Server } from '../server/server.js';
import { calmSince } from './calm.js';
import type { Oracle } from './oracle.js';

/** The longest that a message takes, in usual delays, if nothing holds it up. */
const DELAYS = 3;
/** The first try, the subscription, the second try, a call and the try that answers it, and the releases in between. */
const JOINING = 16 * DELAYS;
/** For timers that are late, in ms. */
const SLACK = 20;

/**
 * Readers keep company: a process that wants to share a lock gets it at once while only readers hold the lock and nobody
 * else waits for it, if nothing disturbs it.
 */
export class Company implements Oracle {
  readonly #scene: Scene;
  readonly #deployment: Pick<Deployment, 'clients' | 'routes'>;
  /** Since when only readers have held the lock and waited for it, in true time. */
  #since = Infinity;

  constructor(scene: Scene, deployment: Pick<Deployment, 'clients' | 'routes'>) {
    this.#scene = scene;
    this.#deployment = deployment;
  }

  began(): void {
    this.#look();
  }

  ended(): void {
    this.#look();
  }

  changed(): void {
    this.#look();
  }

  shared(): void {
    this.#look();
  }

  queued(): void {
    this.#look();
  }

  waited(): void {
    this.#look();
  }

  #look(): void {
    const { world, waiting, servers } = this.#scene;
    const isOpen =
      [...waiting].every(({ mode }) => mode === 'shared') &&
      servers.every((server) => this.#isOpen(server));
    if (!isOpen) this.#since = Infinity;
    else if (this.#since === Infinity) this.#since = world.now;
    else for (const wait of waiting) this.#judge(wait);
  }

  /** Whether only readers hold the key on a node, or nobody, and nobody else stands in its queue. */
  #isOpen(server: Server): boolean {
    const [key] = this.#scene.plan.resources;
    const value = server.keyspace.get(key);
    if (value !== null && value !== SHARED) return isReservation(value);
    const [queue = ''] = new LockKeys([key], false, true).queues;
    return server.membersOf(queue).every((member) => calledBy(member).shares);
  }

  #judge(wait: Wait): void {
    const { plan, world, servers } = this.#scene;
    if (plan.resources.length > 1 || wait.isOver) return;
    if (plan.tail + plan.lag + plan.throws + plan.redirects > 0) return;
    // Grants of nodes that were restarted do not count for a while.
    if (servers.some(({ hasRestarted }) => hasRestarted)) return;
    if (plan.channels.some((channels) => channels !== 'heard')) return;
    const client = this.#deployment.clients.find(({ process }) => process === wait.process);
    if (!client) return;
    const calm = calmSince(client, servers, this.#deployment.routes(client));
    const since = Math.max(this.#since, wait.since, calm);
    const most = JOINING * plan.delay + SLACK;
    if (world.now - since <= most) return;
    this.#scene.fail(
      'company',
      `${client.process.name} has waited for ${world.now - since} ms, not ${most}, to share what only readers hold`,
    );
  }
}
