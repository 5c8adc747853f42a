import type { GuardedNode } from '../node/guarded-node.js';
import type { Cancellation } from '../attempt/cancellation.js';
import type { Runtime } from '../time/runtime.js';
import type { LockRequest } from './acquisition.js';
import { QuorumError, quote } from '../errors.js';
import type { Lease } from './lease.js';
import { lockKeysOf } from '../protocol/lock-keys.js';
import { retraced } from './retraced.js';

/** What re-entry needs of its Redlock. */
export interface ReentryServices {
  readonly runtime: Runtime;
  readonly cancellation: Cancellation;
  readonly keyPrefix: string;
  readonly clusters: readonly GuardedNode[];
}

/**
 * Re-enters the leases that an owner holds already, and takes the resources that are lacking besides. There is no round
 * trip unless something is lacking or validity runs short.
 * @param held the owner's leases
 * @param take takes what is lacking; null: others hold that
 * @returns the leases for a new handle
 */
export async function reenter<N extends null>(
  services: ReentryServices,
  request: LockRequest,
  held: readonly Lease[],
  take: (lacking: LockRequest) => Promise<Lease | N>,
): Promise<[Lease, ...Lease[]] | N> {
  const { resources, ttl } = request;
  const shared = held.filter(
    (lease) => lease.remaining() > 0 && lease.resources.some((name) => resources.includes(name)),
  );
  const [first, ...others] = shared;
  if (!first) {
    const lease = await take(request);
    return lease === null ? lease : [lease];
  }
  services.cancellation.throwIfCancelled(request);
  requireExclusive(request, shared);
  requireFencing(request, shared);
  const deadline = services.runtime.now() + request.wait;
  for (const lease of shared) lease.share();
  let leases: [Lease, ...Lease[]] = [first, ...others];
  try {
    const short = shared.filter((lease) => lease.remaining() < ttl / 2);
    await whileWaiting(services, request, deadline, () =>
      Promise.all(short.map((lease) => lease.extend(ttl))),
    );
    const lacking = lackingIn(services, request, deadline, shared);
    if (lacking) {
      const lease = await take(lacking);
      if (lease === null) {
        await leave(leases);
        return lease;
      }
      // The handle shows the token of the lease that was taken just now, so that one comes first.
      leases = [lease, ...leases];
    }
    await whileWaiting(services, request, deadline, () => agreeOnHighest(resources, leases));
    services.cancellation.throwIfCancelled(request);
    // All of this takes time, and validity may have ended meanwhile.
    for (const lease of leases) lease.throwIfOver(resources);
    return leases;
  } catch (error) {
    await leave(leases);
    throw retraced(error);
  }
}

/**
 * A shared lease cannot become exclusive: two holders that want that would wait for each other.
 * @throws RangeError
 */
function requireExclusive({ mode }: LockRequest, held: readonly Lease[]): void {
  const shared = held.find((lease) => lease.mode === 'shared');
  if (mode === 'shared' || !shared) return;
  throw new RangeError(
    `The caller holds a shared lock on ${quote(shared.resources)}, which cannot become exclusive, because two ` +
      'callers that want that would wait for each other; release it first, or acquire it as exclusive',
  );
}

/**
 * A lease that was taken without fencing has no fencing token, so a caller that wants one may not share it.
 * @throws RangeError
 */
function requireFencing({ fencing }: LockRequest, shared: readonly Lease[]): void {
  const unfenced = shared.find(({ claim }) => !claim.lockKeys.fenced);
  if (!fencing || !unfenced) return;
  throw new RangeError(
    `The lock on ${quote(unfenced.resources)} is held with fencing: false, so a handle on it has no fencing ` +
      'token; acquire it with fencing, or re-enter it with fencing: false',
  );
}

/** Runs `act`, and again while the time to wait lasts if too many nodes are out of reach. */
async function whileWaiting(
  services: ReentryServices,
  request: LockRequest,
  deadline: number,
  act: () => Promise<unknown>,
): Promise<void> {
  for (;;) {
    try {
      await act();
      return;
    } catch (error) {
      if (!QuorumError.is(error) || services.runtime.now() >= deadline) throw error;
      const { retryDelay, retryJitter } = request;
      await services.cancellation.pause(
        retryDelay + services.runtime.random() * retryJitter,
        request,
      );
    }
  }
}

/**
 * A request for the resources that no shared lease has, with a proposal above the tokens of those leases; `undefined`
 * if there are none.
 */
function lackingIn(
  { keyPrefix, clusters, runtime }: ReentryServices,
  request: LockRequest,
  deadline: number,
  shared: readonly Lease[],
): LockRequest | undefined {
  const has = new Set(shared.flatMap((lease) => lease.resources));
  const resources = request.resources.filter((name) => !has.has(name));
  if (resources.length === 0) return undefined;
  const lockKeys = lockKeysOf(resources, keyPrefix, request.fencing, clusters, request.mode);
  const wait = Math.max(deadline - runtime.now(), 0);
  return { ...request, resources, lockKeys, wait, above: highestOf(shared) };
}

/**
 * Raises all leases to one fencing token: a lock has one token on all its resources, also if they were taken bit by
 * bit.
 */
async function agreeOnHighest(
  resources: readonly string[],
  leases: readonly Lease[],
): Promise<void> {
  for (;;) {
    const highest = highestOf(leases);
    const behind = leases.filter(
      ({ claim }) => claim.lockKeys.fenced && claim.fencingToken < highest,
    );
    if (behind.length === 0) return;
    // Another branch of this owner may raise one of them further meanwhile, so look again.
    await Promise.all(behind.map((lease) => lease.raise(highest, resources)));
  }
}

function highestOf(leases: readonly Lease[]): number {
  return Math.max(0, ...leases.map(({ claim }) => claim.fencingToken));
}

async function leave(leases: readonly Lease[]): Promise<void> {
  await Promise.all(leases.map((lease) => lease.release(0)));
}
