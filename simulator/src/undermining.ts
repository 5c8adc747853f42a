import type { Client } from './client.js';
import type { Holding } from './holding.js';
import type { Path } from './path.js';
import type { Scene } from './scene.js';
import type { Server } from './server.js';

/** How often it looks whether it may go on, and how long it waits for that, both of the holder's ttl. */
const LOOK_EVERY = 0.03;
const PATIENCE = 4;

/** What it needs of the run. */
interface Ways {
  /** From processes to a server; of all but one, or of that one alone. */
  readonly to: (server: Server, which: (client: Client) => boolean) => readonly Path[];
  /** A server loses its data and is at once back, if that is allowed now. */
  readonly forget: (server: Server) => void;
}

/**
 * Lets a node vote twice if it can be made to: the holder loses its key on one node, which grants an attempt
 * that other nodes keep waiting, forgets that and is healed; then the holder's key ends on another node,
 * which grants the attempt too. Each step waits until the one before has had its effect.
 */
export class Undermining {
  readonly #scene: Scene;
  readonly #ways: Ways;
  readonly #holding: Holding;
  readonly #resource: string;
  readonly #lost: Server;
  readonly #last: Server;
  readonly #ttl: number;
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
    const isOther = (client: Client): boolean => !isHolder(client);
    const { to, forget } = this.#ways;
    this.#block(
      to(this.#lost, isHolder),
      () => !this.#isOurs(this.#lost),
      () => {
        this.#block(
          to(this.#last, isOther),
          () => this.#isAnothers(this.#lost),
          () => {
            forget(this.#lost);
            this.#block(
              to(this.#last, isOther),
              () => this.#isOurs(this.#lost),
              () => {
                const everybody = to(this.#last, () => true);
                this.#block(
                  everybody,
                  () => !this.#isOurs(this.#last),
                  () => {
                    this.#block(
                      to(this.#last, isHolder),
                      () => false,
                      () => {},
                    );
                  },
                );
              },
            );
          },
        );
      },
    );
  }

  /** Nothing goes these ways until it is so; then what comes next. Gives up after a while. */
  #block(paths: readonly Path[], isSo: () => boolean, next: () => void): void {
    const { world, plan } = this.#scene;
    const every = this.#ttl * LOOK_EVERY;
    const end = world.now + this.#ttl * PATIENCE;
    const look = (): void => {
      if (!this.#holding.believed || world.now >= Math.min(end, plan.faultsUntil)) {
        this.#isOn = false;
        return;
      }
      if (isSo()) next();
      else {
        for (const path of paths) path.block(2 * every);
        world.after(every, look);
      }
    };
    look();
  }

  #isOurs({ keyspace }: Server): boolean {
    return keyspace.get(this.#resource) === this.#holding.token;
  }

  #isAnothers({ keyspace }: Server): boolean {
    const value = keyspace.get(this.#resource);
    return value !== null && value !== this.#holding.token;
  }
}
