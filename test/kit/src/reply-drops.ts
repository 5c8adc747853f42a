export interface DropOptions {
  /** How many times; 1 unless told. */
  count?: number;
  /** Destroys the connection right then; true unless told. */
  cut?: boolean;
  /** Waits for a request chunk that matches, and takes the reply chunk that follows it. */
  match?: (request: string) => boolean;
}

interface Drop {
  left: number;
  readonly cut: boolean;
  readonly match: ((request: string) => boolean) | null;
  /** The connection whose matching request has been passed on, its reply still to come. */
  awaited: object | null;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The replies that a proxy has been told to swallow, over all of its connections. */
export class ReplyDrops {
  readonly #drops = new Set<Drop>();

  add({ count = 1, cut = true, match }: DropOptions = {}): Promise<void> {
    const dropped = new Promise<void>((resolve, reject) => {
      const drop = { left: count, cut, match: match ?? null, awaited: null, resolve, reject };
      this.#drops.add(drop);
    });
    // A caller may not wait for it; one that does still sees the rejection.
    dropped.catch(() => {});
    return dropped;
  }

  noteRequest(connection: object, chunk: Buffer): void {
    if (this.#drops.size === 0) return;
    const request = chunk.toString('utf8');
    for (const drop of this.#drops) {
      if (drop.awaited === null && drop.match?.(request) === true) {
        drop.awaited = connection;
        return;
      }
    }
  }

  /** What to do with a reply chunk on this connection. */
  judge(connection: object): 'pass' | 'swallow' | 'cut' {
    for (const drop of this.#drops) {
      if (drop.match !== null && drop.awaited !== connection) continue;
      drop.awaited = null;
      drop.left -= 1;
      if (drop.left <= 0) {
        this.#drops.delete(drop);
        drop.resolve();
      }
      return drop.cut ? 'cut' : 'swallow';
    }
    return 'pass';
  }

  /** A reply on this connection can no longer come. */
  forget(connection: object): void {
    for (const drop of this.#drops) {
      if (drop.awaited === connection) drop.awaited = null;
    }
  }

  cancel(reason: string): void {
    for (const drop of this.#drops) drop.reject(new Error(reason));
    this.#drops.clear();
  }
}
