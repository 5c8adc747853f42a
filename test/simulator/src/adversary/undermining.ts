import type { Client } from '../run/client.js';
import type { Holding } from '../run/holding.js';
import type { Path } from '../network/stream.js';
import type { Scene } from '../run/scene.js';
import { isRequest, operationsIn } from '../server/commands.js';
import type { Server } from '../server/server.js';
import { holdersOn, isHeldBy } from '../server/sharers.js';
import type { Adversary } from './adversary.js';

/** How often it looks whether it may go on, and how long it waits for that, both of the holder's ttl. */
const LOOK_EVERY = 0.03;
const PATIENCE = 4;

/** How long the core doubts acknowledgements of a node whose restart it has noticed, in ms. */
const DOUBT = 2000;
/** A reply takes no longer than this many usual delays. */
const DELIVERED = 8;

/** A process that stands still within a turn does so for as long as the doubt lasts, and up to this many ttls more. */
const STANDS_LONGER = 2;

/** One step of an {@link Undermining}. */
interface Step {
  /** Nothing goes these ways during the step. */
  readonly paths: readonly Path[];
  /** Whether the step has had its effect. */
  readonly isSo?: () => boolean;
  /** How many ms the step takes, if there is no effect to wait for. */
  readonly lasts?: number;
  readonly end?: () => void;
}

/**
 * Lets a node vote twice if it can be made to: the holder loses its key on one node, which grants an attempt
 * that other nodes keep waiting, forgets that and is healed; then the holder's key ends on another node,
 * which grants the attempt too. Each step waits until the one before has had its effect.
 *
 * Where attempts stall, the process of that attempt stands still from the first grant to the second, or from the very call
 * that writes the first one. Meanwhile the doubt about the node that has forgotten passes.
 */
export class Undermining {
  readonly #scene: Scene;
  readonly #resource: string;
  #steps: Iterator<Step> = [].values();
  #stalled: Client | null = null;
  #isOn = true;

  /** @param ttl of the holder */
  constructor(
    private readonly adversary: Adversary,
    private readonly holding: Holding,
    private readonly ttl: number,
    private readonly lost: Server,
    private readonly last: Server,
  ) {
    this.#scene = adversary.scene;
    this.#resource = holding.lock.resources[0] ?? '';
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  begin(): void {
    const { kind, driftFactor, delay } = this.#scene.plan;
    const stalls = kind === 'stall';
    const { lost, last } = this;
    const ofOthers = this.#waysTo(last, false);
    const ofHolder = this.#waysTo(last, true);
    const doubted: readonly Step[] = stalls
      ? [{ paths: ofOthers, lasts: DOUBT * (1 + driftFactor) }]
      : [];
    const delivered: readonly Step[] = stalls
      ? [
          { paths: ofHolder, isSo: () => this.#isAnothers(last) },
          { paths: ofHolder, lasts: DELIVERED * delay, end: () => this.#wake() },
        ]
      : [];
    this.#steps = [
      {
        paths: this.#waysTo(lost, true),
        isSo: () => !this.#isOurs(lost),
        end: () => this.#lieInWait(),
      },
      { paths: ofOthers, isSo: () => this.#isAnothers(lost), end: () => this.#forget() },
      { paths: ofOthers, isSo: () => this.#isOurs(lost) },
      ...doubted,
      { paths: [...ofOthers, ...ofHolder], isSo: () => !this.#isOurs(last) },
      ...delivered,
      { paths: ofHolder, isSo: () => false },
    ].values();
    this.#next();
  }

  /** The ways to a server, of the holder or of all other processes. */
  #waysTo(server: Server, ofHolder: boolean): readonly Path[] {
    const index = this.#scene.servers.indexOf(server);
    return this.adversary.deployment.clients
      .filter(({ process }) => (process === this.holding.process) === ofHolder)
      .flatMap(({ routes }) => routes[index]?.up ?? []);
  }

  #next(): void {
    const { value: step } = this.#steps.next();
    if (step) this.#take(step);
  }

  /** Gives up after a while. */
  #take({ paths, isSo, lasts, end }: Step): void {
    const { world, plan } = this.#scene;
    const every = this.ttl * LOOK_EVERY;
    const start = world.now;
    const patience = lasts === undefined ? this.ttl * PATIENCE : Infinity;
    const look = (): void => {
      this.#scene.disturbances.note(world.now);
      const waited = world.now - start;
      if (!this.holding.believed || waited >= patience || world.now >= plan.faultsUntil) {
        this.#end();
        return;
      }
      if (lasts === undefined ? isSo?.() : waited >= lasts) {
        end?.();
        this.#next();
      } else {
        for (const path of paths) path.block(2 * every);
        world.after(every, look);
      }
    };
    look();
  }

  /** The process that asks the node for the key, now that it is free there, may stand still in that call. */
  #lieInWait(): void {
    const { plan, servers, tally } = this.#scene;
    const { random } = this.adversary;
    if (plan.kind !== 'stall' || random.chance(0.5)) return;
    const longest = DOUBT * (1 + plan.driftFactor) + STANDS_LONGER * this.ttl;
    const ms = random.between(DOUBT, longest);
    this.#scene.onCall = ({ process, node, command }) => {
      if (process === this.holding.process || servers[node] !== this.lost) return;
      const asksForIt = operationsIn(command).some(
        (operation) => isRequest(operation) && operation.keys.includes(this.#resource),
      );
      if (!asksForIt) return;
      this.#scene.onCall = null;
      tally.standstills++;
      process.standStill(ms);
    };
  }

  #forget(): void {
    if (this.#scene.plan.kind === 'stall') {
      const [token = ''] = holdersOn(this.lost.keyspace, this.#resource);
      const { adversary } = this;
      const stalled = adversary.deployment.clients.find(({ process }) => process.tokens.has(token));
      if (stalled && !stalled.process.paused && stalled.process !== this.holding.process) {
        this.#scene.tally.stalls++;
        this.#stalled = stalled;
        const monoStands = stalled.rightClock !== 'mono' && adversary.random.chance(0.5);
        adversary.stall(stalled, monoStands);
      }
    }
    this.adversary.forget(this.lost, 1);
  }

  #wake(): void {
    if (this.#stalled) this.adversary.wake(this.#stalled);
    this.#stalled = null;
  }

  #end(): void {
    this.#isOn = false;
    this.#scene.onCall = null;
    this.#wake();
  }

  #isOurs({ keyspace }: Server): boolean {
    return isHeldBy(keyspace, this.#resource, this.holding.token);
  }

  #isAnothers({ keyspace }: Server): boolean {
    const value = keyspace.get(this.#resource);
    return value !== null && !isHeldBy(keyspace, this.#resource, this.holding.token);
  }
}
