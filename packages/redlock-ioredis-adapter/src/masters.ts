import { perClient } from 'redlock-core/adapter';
import type { ClusterInternals, ClusterMember, IoredisClient } from './client.js';

/** The masters of a Cluster as its client knows them, and when there may be another server among them. */
export class Masters {
  static readonly of = perClient((client: IoredisClient) => new Masters(client));

  readonly #client: IoredisClient;
  readonly #cluster: ClusterInternals;
  readonly #listeners = new Set<() => void>();
  readonly #watched = new WeakSet<ClusterMember>();
  #known: readonly ClusterMember[] = [];

  /** @param client of a Cluster */
  private constructor(client: IoredisClient) {
    this.#client = client;
    this.#cluster = client as unknown as ClusterInternals;
  }

  /** Asks each of them, ahead of what the Cluster is given later. */
  call([name = '', ...args]: readonly string[]): Promise<readonly unknown[]> {
    return Promise.all(this.#cluster.nodes('master').map((master) => master.call(name, args)));
  }

  /** Calls `listener` when one joins or is connected to anew, until the result is called. */
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

  /** A replica that is promoted, as the client learns from a redirection, makes no event. */
  check(): void {
    const known = new Set(this.#known);
    this.#known = this.#cluster.nodes('master');
    if (!this.#known.every((master) => known.has(master))) this.#tell();
  }

  readonly #joined = (member: ClusterMember): void => {
    this.#watch(member);
    this.check();
  };

  /** What is given to a member before its first connection waits for that, in order. */
  #watch(member: ClusterMember): void {
    if (this.#watched.has(member)) return;
    this.#watched.add(member);
    let again = member.status === 'ready';
    member.on('ready', () => {
      if (again) this.#tell();
      again = true;
    });
  }

  /** A Cluster that is not ready tells about itself when it is. */
  #tell(): void {
    if (this.#client.status === 'ready') for (const listener of this.#listeners) listener();
  }
}
