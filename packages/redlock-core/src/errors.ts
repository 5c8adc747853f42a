import { ownersIn, type Vote } from './vote.js';

/**
 * The code of a {@link RedlockError}. `RESOURCE_LOCKED`: other clients hold the resource or are ahead in its queue.
 * `QUORUM_UNAVAILABLE`: too many nodes failed. `LOCK_LOST`: the lock can no longer be trusted. `LOCK_RELEASED`: the
 * handle was released or detached. `CLOSED`: the Redlock was closed.
 */
export type RedlockErrorCode =
  'RESOURCE_LOCKED' | 'QUORUM_UNAVAILABLE' | 'LOCK_LOST' | 'LOCK_RELEASED' | 'CLOSED';

/** The details of a {@link RedlockError} besides its message. */
export interface RedlockErrorDetails {
  code: RedlockErrorCode;
  resources: readonly string[];
  votes?: readonly Vote[] | undefined;
}

/** The symbol comes from the registry, so two copies of this package recognize each other's errors. */
const BRAND = Symbol.for('redlock-core.RedlockError');

/**
 * The class of every error of this package, except argument errors. An error with code `LOCK_RELEASED` is of this class
 * itself.
 */
export class RedlockError extends Error {
  /** A stable code. Distinguish errors by it, or by `is`. */
  readonly code: RedlockErrorCode;
  readonly resources: readonly string[];
  /** The votes of the nodes that had voted when the attempt was decided. Empty if no attempt was made. */
  readonly votes: readonly Vote[];

  static {
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  constructor(message: string, { code, resources, votes = [] }: RedlockErrorDetails) {
    super(message);
    this.code = code;
    this.resources = Object.freeze([...resources]);
    this.votes = votes;
  }

  /** Like `instanceof`, but also for an error of another copy of this package. */
  static is(value: unknown): value is RedlockError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  override get name(): string {
    return 'RedlockError';
  }

  toJSON(): object {
    const { name, code, message, resources, votes } = this;
    return { name, code, message, resources, votes };
  }
}

/** No quorum is left, because other clients hold the resource or are ahead in its queue. */
export class ResourceLockedError extends RedlockError {
  /** The labels of the holders, each once. Empty if they have no `owner` option. */
  readonly owners: readonly string[];

  constructor(message: string, resources: readonly string[], votes: readonly Vote[]) {
    super(message, { code: 'RESOURCE_LOCKED', resources, votes });
    this.owners = ownersIn(votes);
  }

  static override is(value: unknown): value is ResourceLockedError {
    return RedlockError.is(value) && value.code === 'RESOURCE_LOCKED';
  }

  override get name(): string {
    return 'ResourceLockedError';
  }

  override toJSON(): object {
    return { ...super.toJSON(), owners: this.owners };
  }
}

// Messages of errors about votes are made in quorum/error-messages.ts.

/** Too many nodes failed or timed out, or they granted too late. The nodes are broken, not busy. */
export class QuorumError extends RedlockError {
  constructor(message: string, resources: readonly string[], votes: readonly Vote[]) {
    super(message, { code: 'QUORUM_UNAVAILABLE', resources, votes });
  }

  static override is(value: unknown): value is QuorumError {
    return RedlockError.is(value) && value.code === 'QUORUM_UNAVAILABLE';
  }

  override get name(): string {
    return 'QuorumError';
  }
}

/**
 * Why a lock is lost. `EXPIRED`: its validity ended. `NOT_HELD`: fewer than a quorum of nodes can still have the
 * token. `UNREACHABLE`: its validity ended while fewer than a quorum of nodes answered.
 */
export type LossReason = 'EXPIRED' | 'NOT_HELD' | 'UNREACHABLE';

const LOSSES: Record<LossReason, string> = {
  EXPIRED: 'its validity ended. Extend it earlier, or use a longer ttl.',
  NOT_HELD:
    'a quorum of nodes no longer holds its token, because it was deleted, stolen or lost there. Stop the work.',
  UNREACHABLE:
    'its validity ended while fewer than a quorum of nodes answered. Stop the work, and check the nodes.',
};

/** The lock can no longer be trusted. */
export class LockLostError extends RedlockError {
  readonly reason: LossReason;
  /**
   * Event-loop delay in ms, if it probably caused the loss: something blocked the event loop, or the process was stopped
   * or its machine suspended. Absent otherwise.
   */
  readonly loopDelay: number | undefined;

  /** @param loopDelay in ms */
  constructor(
    reason: LossReason,
    resources: readonly string[],
    votes: readonly Vote[] = [],
    loopDelay?: number,
  ) {
    const delay = loopDelay === undefined ? '' : ` ${describeDelay(loopDelay)}`;
    super(`Lost the lock on ${quote(resources)}: ${LOSSES[reason]}${delay}`, {
      code: 'LOCK_LOST',
      resources,
      votes,
    });
    this.reason = reason;
    this.loopDelay = loopDelay;
  }

  static override is(value: unknown): value is LockLostError {
    return RedlockError.is(value) && value.code === 'LOCK_LOST';
  }

  override get name(): string {
    return 'LockLostError';
  }

  override toJSON(): object {
    return { ...super.toJSON(), reason: this.reason, loopDelay: this.loopDelay };
  }
}

function describeDelay(ms: number): string {
  return `The event loop of this process was late by ${ms} ms: keep long work off it.`;
}

/** The Redlock was closed. Locks that it held stay valid until their validity ends, but are not extended any more. */
export class RedlockClosedError extends RedlockError {
  /** @param resources those of the call; empty if it had none */
  constructor(resources: readonly string[] = []) {
    const what = resources.length > 0 ? `Cannot use ${quote(resources)}: t` : 'T';
    super(`${what}his Redlock is closed. Make a new one.`, { code: 'CLOSED', resources });
  }

  static override is(value: unknown): value is RedlockClosedError {
    return RedlockError.is(value) && value.code === 'CLOSED';
  }

  override get name(): string {
    return 'RedlockClosedError';
  }
}

/** @internal */
export function releasedError(resources: readonly string[]): RedlockError {
  return new RedlockError(
    `Cannot extend the lock on ${quote(resources)}: this handle was released or detached. Acquire the lock again.`,
    { code: 'LOCK_RELEASED', resources },
  );
}

/**
 * `"a", "b", "c" and 3 more`
 * @internal
 */
export function quote(resources: readonly string[]): string {
  return listed(resources.map((resource) => JSON.stringify(resource)));
}

/**
 * `a, b, c and 3 more`
 * @internal
 */
export function listed(names: readonly string[]): string {
  const rest = names.length - 3;
  return names.slice(0, 3).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
