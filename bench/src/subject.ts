/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The npm package of a Redis client. */
export type Client = 'ioredis' | 'redis';

export type Release = () => PromiseLike<unknown>;

/** A lock library, or what stands beside one, over clients of its own. */
export interface Subject {
  readonly client: Client;
  /** Waits until it has the lock. */
  acquire(resource: string): Promise<Release>;
  /** Commands to all nodes so far; null where the client does not tell. */
  sent(): number | null;
  /** Commands to the first node that are not answered; null where the client does not tell. */
  pending(): number | null;
  /**
   * Begins what belongs to its turns only, because all subjects of the process would feel it.
   * @returns what ends it
   */
  beginTurn?(): () => void;
  close(): Promise<void>;
}

interface SubjectOptions {
  readonly ttl: number;
}

/** Makes a subject whose clients are connected. */
export type SubjectFactory = (
  servers: readonly Address[],
  options: SubjectOptions,
) => Promise<Subject>;

export async function lockAndRelease(subject: Subject, resource: string): Promise<void> {
  const release = await subject.acquire(resource);
  await release();
}
