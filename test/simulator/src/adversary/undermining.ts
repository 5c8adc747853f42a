import type { Random } from 'test-kit/random';
import { asksFor } from '../commands/operations.js';
import type { Client } from '../run/client.js';
import type { Holding } from '../run/holding.js';
import type { Path } from '../network/path.js';
import type { Scene } from '../run/scene.js';
import type { Server } from '../server/server.js';
import { holdersOn, isHeldBy } from '../server/sharers.js';

/** How often it looks whether it may go on, and how long it waits for that, both of the holder's ttl. */
const LOOK_EVERY = 0.03;
const PATIENCE = 4;

/** How long the core doubts acknowledgements of a node whose restart it has noticed, in ms. */
const DOUBT = 2000;
/** A reply takes no longer than this many usual delays. */
const DELIVERED = 8;

/** A process that stands still within a turn does so for as long as the doubt lasts, and up to this many ttls more. */
const STANDS_LONGER = 2;

/** What it needs of the run. */
interface Ways {
  readonly random: Random;
  readonly clients: readonly Client[];
  /** From processes to a server; of all but one, or of that one alone. */
  readonly to: (server: Server, which: (client: Client) => boolean) => readonly Path[];
  /** A server loses its data and is at once back, if that is allowed now. */
  readonly forget: (server: Server) => void;
  /** A process stands still until it is woken. */
  readonly pause: (client: Client) => void;
  readonly wake: (client: Client) => void;
}

/** One step of an {@link Undermining}. */
interface Step {
  /** Nothing goes these ways during the step. */
  readonly paths: readonly Path[];
  /** Whether the step has had its effect. */
  readonly isSo?: () => boolean;
  /** How many ms the step takes, if there is no effect to wait for. */
  readonly lasts?: number;
  /** Called when the step ends. */
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
  readonly #ways: Ways;
  readonly #holding: Holding;
  readonly #resource: string;
  readonly #lost: Server;
  readonly #last: Server;
  readonly #ttl: number;
  #steps: Iterator<Step> = [].values();
  /** The process whose attempt stands still. */
  #stalled: Client | null = null;
  #isOn = true;

  constructor(
    scene: Scene,
    ways: Ways,
    { holding, ttl }: { readonly holding: Holding; readonly ttl: number },
    [lost, last]: readonly [Server, Server],
  ) {
    this.#scene = scene;
    this.#ways = ways;
    this.#holding = holding;
    this.#resource = holding.lock.resources[0] ?? '';
    this.#lost = lost;
    this.#last = last;
    this.#ttl = ttl;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  begin(): void {
    const isHolder = ({ process }: Client): boolean => process === this.#holding.process;
    const { to } = this.#ways;
    const { kind, driftFactor, delay } = this.#scene.plan;
    const stalls = kind === 'stall';
    const lost = this.#lost;
    const last = this.#last;
    const ofOthers = to(last, (client) => !isHolder(client));
    const ofHolder = to(last, isHolder);
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
      { paths: to(lost, isHolder), isSo: () => !this.#isOurs(lost), end: () => this.#lieInWait() },
      { paths: ofOthers, isSo: () => this.#isAnothers(lost), end: () => this.#forget() },
      { paths: ofOthers, isSo: () => this.#isOurs(lost) },
      ...doubted,
      { paths: [...ofOthers, ...ofHolder], isSo: () => !this.#isOurs(last) },
      ...delivered,
      { paths: ofHolder, isSo: () => false },
    ].values();
    this.#next();
  }

  #next(): void {
    const { value: step } = this.#steps.next();
    if (step) this.#take(step);
  }

  /** Gives up after a while. */
  #take({ paths, isSo, lasts, end }: Step): void {
    const { world, plan } = this.#scene;
    const every = this.#ttl * LOOK_EVERY;
    const start = world.now;
    const patience = lasts === undefined ? this.#ttl * PATIENCE : Infinity;
    const look = (): void => {
      this.#scene.disturbances.note(world.now);
      const waited = world.now - start;
      if (!this.#holding.believed || waited >= patience || world.now >= plan.faultsUntil) {
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
    const { random } = this.#ways;
    if (plan.kind !== 'stall' || random.chance(0.5)) return;
    const longest = DOUBT * (1 + plan.driftFactor) + STANDS_LONGER * this.#ttl;
    const ms = random.between(DOUBT, longest);
    this.#scene.onCall = ({ process, node, command }) => {
      if (process === this.#holding.process || servers[node] !== this.#lost) return;
      if (!asksFor(command, this.#resource)) return;
      this.#scene.onCall = null;
      tally.standstills++;
      process.standStill(ms);
    };
  }

  #forget(): void {
    if (this.#scene.plan.kind === 'stall') {
      const [token = ''] = holdersOn(this.#lost.keyspace, this.#resource);
      const stalled = this.#ways.clients.find(({ process }) => process.tokens.has(token));
      if (stalled && !stalled.process.paused && stalled.process !== this.#holding.process) {
        this.#scene.tally.stalls++;
        this.#stalled = stalled;
        this.#ways.pause(stalled);
      }
    }
    this.#ways.forget(this.#lost);
  }

  #wake(): void {
    if (this.#stalled) this.#ways.wake(this.#stalled);
    this.#stalled = null;
  }

  #end(): void {
    this.#isOn = false;
    this.#scene.onCall = null;
    this.#wake();
  }

  #isOurs({ keyspace }: Server): boolean {
    return isHeldBy(keyspace, this.#resource, this.#holding.token);
  }

  #isAnothers({ keyspace }: Server): boolean {
    const value = keyspace.get(this.#resource);
    return value !== null && !isHeldBy(keyspace, this.#resource, this.#holding.token);
  }
}
