import type { Deployment } from '../run/deployment.js';
import type { Holding } from '../run/holding.js';
import type { Client } from '../run/client.js';
import { encodedIn } from '../commands/operations.js';
import { queuesOf } from '../commands/queue-name.js';
import { SHARED } from '../core.js';
import type { Contention, Oracle } from './oracle.js';
import type { Scene } from '../run/scene.js';
import type { Server } from '../server/server.js';
import { holdersOn, tokensOf } from '../server/sharers.js';
import type { Change, QueueChange, SharingChange } from '../server/witness.js';
import type { Wait } from '../run/wait.js';
import type { Route } from '../network/stream.js';
import { Promptness } from './promptness.js';
import { Vacancy } from './vacancy.js';

/** The longest that a message takes, in usual delays, if nothing holds it up. */
const DELAYS = 3;
/** A try and its release, for which a call may have to wait, then the call and the way to the nodes. */
const ANSWER = 4 * DELAYS;
/** A process that wants nothing any more passes its call on: its leave, and the next call. */
const PASSED_ON = 2 * DELAYS;
/** The first try, the subscription, and the second try, with which a process enters the queues. */
const ENTERING = 8 * DELAYS;
/** For timers that are late, in ms. */
const SLACK = 20;
/** Whoever stands by asks after this, in ms; later, if the key is reserved for longer. */
const STAND_BY = 250;
/** A server calls a process that is gone for as long as it knows nothing of that, and a ping takes longer; in ms. */
const FORGOTTEN = 12_000;
/**
 * A lock that its holder has released is not left alone while somebody waits for it: if nothing has disturbed the waiters,
 * one of them takes a key as soon as a call can have reached it and be answered. If the process that was called is gone,
 * or may be late, the one that stands by takes it.
 */
export class Turns implements Oracle {
  readonly #scene: Scene;
  readonly #deployment: Pick<Deployment, 'clients' | 'routes'>;
  readonly #promptness: Promptness;
  /** By key. */
  readonly #vacancies: ReadonlyMap<string, Vacancy>;
  /** Whether all who wait want the same. */
  readonly #isOneQueue: boolean;
  /** When somebody was granted a permit of a semaphore last, in true time. */
  #grantedAt = 0;
  /** The longest time for which a process lets a key be reserved, in ms. */
  #reservation = 0;
  constructor(scene: Scene, deployment: Pick<Deployment, 'clients' | 'routes'>) {
    this.#scene = scene;
    this.#deployment = deployment;
    this.#promptness = new Promptness(scene, deployment);
    const { resources, semaphore } = scene.plan;
    this.#vacancies = new Map(resources.map((key) => [key, new Vacancy(semaphore !== null)]));
    this.#isOneQueue = queuesOf(resources).length === 1;
  }

  /** Callers of one process are granted permits one after the other. */
  acquired(): void {
    if (this.#scene.plan.semaphore) this.#grantedAt = this.#scene.world.now;
  }

  lost({ process }: Holding): void {
    this.#promptness.lost(process);
  }

  queued({ before, after }: QueueChange): void {
    if (before === after) return;
    for (const member of after)
      this.#reservation = Math.max(this.#reservation, parseInt(member, 10));
  }

  contended(contention: Contention): void {
    this.#promptness.contended(contention);
  }

  changed({ server, key, before, after, command }: Change): void {
    const isReleased = before !== null && isQuiet(command, before);
    const holders = after === null ? [] : holdersOn(server.keyspace, key);
    const isHeld = holders.length > 0;
    this.#note({ server, key }, isHeld, isReleased, after !== SHARED && isHeld);
  }

  shared({ server, key, before, after, command }: SharingChange): void {
    const isReleased = tokensOf(before).some(
      (token) => !after.has(token) && isQuiet(command, token),
    );
    const tokens = tokensOf(after);
    this.#note(
      { server, key },
      tokens.length > 0,
      isReleased,
      tokens.some((token) => !before.has(token)),
    );
  }

  /** @param isTaken whether somebody has got the key just now */
  #note(
    { server, key }: Pick<Change, 'server' | 'key'>,
    isHeld: boolean,
    isReleasedQuietly: boolean,
    isTaken: boolean,
  ): void {
    const vacancy = this.#vacancies.get(key);
    if (!vacancy) return;
    vacancy.note(server, isHeld, isReleasedQuietly, this.#scene.world.now);
    if (!isTaken) return;
    this.#judge(vacancy);
    vacancy.end();
  }

  /** A wait has ended, or the run. */
  waited(): void {
    for (const vacancy of this.#vacancies.values()) this.#judge(vacancy);
  }

  #judge(vacancy: Vacancy): void {
    const { plan, world, disturbances, waiting } = this.#scene;
    const freeSince = vacancy.since;
    if (freeSince === Infinity || vacancy.isQuiet) return;
    if (!this.#isOneQueue || plan.throws + plan.redirects > 0) return;
    if (plan.channels.some((channels) => channels !== 'heard')) return;
    // A node that has forgotten counts for nobody until its quarantine is over, and then the waiters poll.
    const notable = FORGOTTEN + (plan.quarantine === false ? 0 : plan.quarantineTime);
    const recent = disturbances.all.filter(({ at }) => at > freeSince - notable);
    const absent = new Set(recent.map((each) => each.absent));
    if (absent.has(null) || absent.size > 1) return;
    let since = Infinity;
    let pause = 0;
    for (const wait of waiting) {
      since = Math.min(since, this.#waitsSince(wait));
      pause = Math.max(pause, this.#promptness.pauseOf(wait));
    }
    const alone = world.now - Math.max(freeSince, since, this.#grantedAt);
    const { clients } = this.#deployment;
    const mayStandBy =
      absent.size > 0 || clients.some((each) => this.#promptness.mayBeLate(each, freeSince));
    const standBy = mayStandBy ? Math.max(STAND_BY, this.#reservation) : 0;
    const most = (ANSWER + PASSED_ON * clients.length) * plan.delay + standBy + pause + SLACK;
    if (alone <= most) return;
    this.#scene.fail(
      'turns',
      `a lock that is waited for was left alone for ${alone} ms, not ${most}`,
    );
  }

  /** Since when a call can reach a process that waits, and it can ask; Infinity: it cannot. */
  #waitsSince(wait: Wait): number {
    const client = this.#deployment.clients.find(({ process }) => process === wait.process);
    if (!client || client.isGone || client.process.paused || wait.isOver) return Infinity;
    const { servers, plan } = this.#scene;
    const routes = this.#deployment.routes(client);
    const calm = servers.map((server, index) =>
      Math.max(server.calmSince, heldUpUntil(routes[index])),
    );
    const listening = servers.map((server, index) => listensSince(client, server, index));
    const undisturbed = Math.max(client.process.calmSince, ...calm);
    const since = Math.max(
      wait.since,
      this.#promptness.splitAt(wait),
      this.#promptness.awareSince(client),
      // Too few nodes may have answered a try before that.
      undisturbed > wait.since ? undisturbed + wait.longestRetry : undisturbed,
      ...listening,
    );
    return since + ENTERING * plan.delay;
  }
}

/** Until when something holds up what a process and a node tell each other, in true time. */
function heldUpUntil(route: Route | undefined): number {
  if (!route) return Infinity;
  return Math.max(
    ...[route.up, route.down, route.calls].map(({ disturbedUntil }) => disturbedUntil),
  );
}

/** Since when a process hears a node and is connected to it, in true time; Infinity: it is not. */
function listensSince(client: Client, server: Server, index: number): number {
  const { dialer, subscriber } = client.connections[index] ?? {};
  if (server.state !== 'running' || !dialer?.isWhole || !subscriber?.isListening) return Infinity;
  return Math.max(dialer.upSince, subscriber.confirmedAt);
}

/** Whether a command releases what a node had, and lets it call nobody. */
function isQuiet(command: readonly string[], before: string): boolean {
  return encodedIn(command).some(
    ({ letter, token, entries }) =>
      letter === 'r' && token === before && entries[0]?.startsWith('=') === true,
  );
}
