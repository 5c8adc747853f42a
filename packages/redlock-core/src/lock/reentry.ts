import type { Cancellation } from '../attempt/cancellation.js';
import type { Runtime } from '../time/runtime.js';
import type { LockRequest } from './acquisition.js';
import { QuorumError, quote } from '../errors.js';
import type { Lease } from './lease.js';
import { lockKeysOf } from '../protocol/lock-keys.js';
import { retraced } from './retraced.js';

/** What re-entering takes. */
export interface ReentryServices {
  readonly runtime: Runtime;
  readonly cancellation: Cancellation;
  readonly keyPrefix: string;
}

/**
 * Another handle on what this owner holds already, with whatever else it asks for taken besides. There is no
 * round trip unless something is lacking or validity runs short.
 * @param held what the owner holds
 * @param take takes what is lacking; null: others hold that
 * @returns what a handle is on
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
      // The handle's own token is that of what it took itself.
      leases = [lease, ...leases];
    }
    await whileWaiting(services, request, deadline, () => agreeOnHighest(resources, leases));
    services.cancellation.throwIfCancelled(request);
    // All of this takes time, in which validity may have ended.
    for (const lease of leases) lease.throwIfOver(resources);
    return leases;
  } catch (error) {
    await leave(leases);
    throw retraced(error);
  }
}

/** A lock that was taken without fencing has no token that would grow with it. */
function requireFencing({ fencing }: LockRequest, shared: readonly Lease[]): void {
  const unfenced = shared.find(({ claim }) => !claim.lockKeys.fenced);
  if (!fencing || !unfenced) return;
  throw new RangeError(
    `The lock on ${quote(unfenced.resources)} is held with fencing: false, so a handle on it has no fencing ` +
      'token; acquire it with fencing, or re-enter it with fencing: false',
  );
}

/** Again while the time to wait lasts, where too many nodes are out of reach. */
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

/** What of a request none of the holds has, with a proposal above their tokens. */
function lackingIn(
  { keyPrefix, runtime }: ReentryServices,
  request: LockRequest,
  deadline: number,
  shared: readonly Lease[],
): LockRequest | undefined {
  const has = new Set(shared.flatMap((lease) => lease.resources));
  const resources = Object.freeze(request.resources.filter((name) => !has.has(name)));
  if (resources.length === 0) return undefined;
  const lockKeys = lockKeysOf(resources, keyPrefix, request.fencing);
  const wait = Math.max(deadline - runtime.now(), 0);
  return { ...request, resources, lockKeys, wait, above: highestOf(shared) };
}

/** A lock has one fencing token on all its resources, also where it was taken bit by bit. */
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
    // Meanwhile another branch of this owner may raise one of them further.
    await Promise.all(behind.map((lease) => lease.raise(highest, resources)));
  }
}

function highestOf(leases: readonly Lease[]): number {
  return Math.max(0, ...leases.map(({ claim }) => claim.fencingToken));
}

async function leave(leases: readonly Lease[]): Promise<void> {
  await Promise.all(leases.map((lease) => lease.release(0)));
}
