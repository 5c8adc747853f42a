import { ownersIn, type Vote } from './vote.js';

/**
 * The code of a {@link RedlockError}: others hold the resource, too many nodes failed, the lock is lost, or the Redlock
 * was closed.
 */
export type RedlockErrorCode = 'RESOURCE_LOCKED' | 'QUORUM_UNAVAILABLE' | 'LOCK_LOST' | 'CLOSED';

/** The details of a {@link RedlockError} besides its message. */
export interface RedlockErrorDetails {
  code: RedlockErrorCode;
  resources: readonly string[];
  votes?: readonly Vote[] | undefined;
  cause?: Error | undefined;
}

/** The symbol comes from the registry, so that two copies of this package recognise each other's errors. */
const BRAND = Symbol.for('redlock-core.RedlockError');

/**
 * The class of every error of this package, except argument errors. An error with code `CLOSED` is of this class
 * itself.
 */
export class RedlockError extends Error {
  /** A stable code. Tell errors apart by it, or by `is`. */
  readonly code: RedlockErrorCode;
  readonly resources: readonly string[];
  /** The votes of the nodes that had voted when the attempt was decided. Empty if no attempt was made. */
  readonly votes: readonly Vote[];

  static {
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  constructor(message: string, { code, resources, votes = [], cause }: RedlockErrorDetails) {
    super(message, cause && { cause });
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
    const { name, code, message, resources, votes, cause } = this;
    const why = cause instanceof Error && 'code' in cause ? cause : undefined;
    return {
      name,
      code,
      message,
      resources,
      votes,
      ...(why && { cause: { code: why.code, message: why.message } }),
    };
  }
}

/** Others hold the resource, on so many nodes that no quorum can be had. */
export class ResourceLockedError extends RedlockError {
  /** The labels of those that hold the resource, each once. Empty if they have no `owner` option. */
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
 * Why a lock is lost. `EXPIRED`: its validity ended. `TAKEN`: so many nodes said that the token is not ours that no
 * quorum is left. `UNREACHABLE`: its validity ended while fewer than a quorum of nodes answered. `RELEASED`: this
 * handle was released or detached. `CLOSED`: the Redlock was closed, which ends extension; `remaining()` says what
 * validity is left.
 */
export type LossCode = 'EXPIRED' | 'TAKEN' | 'UNREACHABLE' | 'RELEASED' | 'CLOSED';

const LOSS: Record<LossCode, string> = {
  EXPIRED: 'its validity ended; extend it earlier, or take it with a longer ttl',
  TAKEN: 'a majority of nodes no longer holds its token; stop the work',
  UNREACHABLE: 'its validity ended while fewer than a quorum of nodes answered; check the nodes',
  RELEASED: 'this handle was released or detached',
  CLOSED:
    'this Redlock was closed, so the lock is extended no more; end within the validity that is left',
};

/** The lock can no longer be trusted. `cause` is an Error whose `code` is a {@link LossCode}. */
export class LockLostError extends RedlockError {
  declare readonly cause: Error & { readonly code: LossCode };
  /**
   * By how many ms the event loop of this process was late, if that may be why: something has blocked it, or the process
   * was stopped or its machine suspended. Absent if the loop was on time.
   */
  readonly loopDelay: number | undefined;

  /** @param loopDelay in ms */
  constructor(
    code: LossCode,
    resources: readonly string[],
    votes: readonly Vote[] = [],
    loopDelay?: number,
  ) {
    const what = code === 'CLOSED' ? 'ends' : 'is lost';
    const why = loopDelay === undefined ? LOSS[code] : `${LOSS[code]}; ${tellDelay(loopDelay)}`;
    super(`The lock on ${quote(resources)} ${what}: ${why}`, {
      code: 'LOCK_LOST',
      resources,
      votes,
      cause: Object.assign(new Error(why), { code }),
    });
    this.loopDelay = loopDelay;
  }

  static override is(value: unknown): value is LockLostError {
    return RedlockError.is(value) && value.code === 'LOCK_LOST';
  }

  override get name(): string {
    return 'LockLostError';
  }

  override toJSON(): object {
    return { ...super.toJSON(), loopDelay: this.loopDelay };
  }
}

function tellDelay(ms: number): string {
  return `meanwhile the event loop of this process was late by ${ms} ms: keep long work off it`;
}

/** @internal */
export function closedError(resources: readonly string[]): RedlockError {
  return new RedlockError('This Redlock is closed; make a new one', { code: 'CLOSED', resources });
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
