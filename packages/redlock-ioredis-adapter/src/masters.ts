import { perClient } from 'redlock-core/adapter';
import type { ClusterInternals, ClusterMember, IoredisClient } from './client.js';

/** The masters of a Cluster as its client knows them. It tells when there may be another server among them. */
export class Masters {
  static readonly of = perClient((client: IoredisClient) => new Masters(client));

  readonly #client: IoredisClient;
  readonly #cluster: ClusterInternals;
  readonly #listeners = new Set<() => void>();
  readonly #watched = new WeakSet<ClusterMember>();
  #known: readonly ClusterMember[] = [];

  /** @param client the client of a Cluster */
  private constructor(client: IoredisClient) {
    this.#client = client;
    this.#cluster = client as unknown as ClusterInternals;
  }

  /** Sends a command to each master, ahead of commands that the Cluster is given later. */
  call([name = '', ...args]: readonly string[]): Promise<readonly unknown[]> {
    return Promise.all(this.#cluster.nodes('master').map((master) => master.call(name, args)));
  }

  /** Calls `listener` when a master joins or is connected again, until the returned function is called. */
  onChange(given: () => void): () => void {
    const listener = (): void => given();
    if (this.#listeners.size === 0) {
      this.#known = this.#cluster.nodes('master');
      for (const member of this.#cluster.nodes('all')) this.#watch(member);
      this.#cluster.on('+node', this.#joined);
    }
    this.#listeners.add(listener);
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) {
        this.#cluster.off('+node', this.#joined);
      }
    };
  }

  /**
   * Checks whether there is another master. The client learns from a redirection that a replica was promoted, and makes
   * no event.
   */
  check(): void {
    const known = new Set(this.#known);
    this.#known = this.#cluster.nodes('master');
    if (!this.#known.every((master) => known.has(master))) this.#tell();
  }

  readonly #joined = (member: ClusterMember): void => {
    this.#watch(member);
    this.check();
  };

  /**
   * Tells of each connection of a member but the first: commands that it is given earlier wait for that one, in order.
   */
  #watch(member: ClusterMember): void {
    if (this.#watched.has(member)) return;
    this.#watched.add(member);
    let again = member.status === 'ready';
    member.on('ready', () => {
      if (again) this.#tell();
      again = true;
    });
  }

  /** Tells the listeners, unless the Cluster is not ready: it tells by itself when it is. */
  #tell(): void {
    if (this.#client.status === 'ready') for (const listener of this.#listeners) listener();
  }
}
