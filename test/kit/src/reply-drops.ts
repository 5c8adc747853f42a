export interface DropOptions {
  /** Waits for a request chunk that matches, and takes the reply chunk that follows it. */
  match?: (request: string) => boolean;
}

interface Drop {
  readonly match: ((request: string) => boolean) | null;
  /** The connection whose matching request has been passed on, its reply still to come. */
  awaited: object | null;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The replies that a proxy has been told to swallow, over all of its connections. */
export class ReplyDrops {
  readonly #drops = new Set<Drop>();

  add({ match }: DropOptions = {}): Promise<void> {
    const dropped = new Promise<void>((resolve, reject) => {
      this.#drops.add({ match: match ?? null, awaited: null, resolve, reject });
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

  /** Whether a reply chunk on this connection is swallowed. */
  takes(connection: object): boolean {
    for (const drop of this.#drops) {
      if (drop.match !== null && drop.awaited !== connection) continue;
      this.#drops.delete(drop);
      drop.resolve();
      return true;
    }
    return false;
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
