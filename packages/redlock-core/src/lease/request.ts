import { RedlockClosedError } from '../errors.js';
import type { GuardedNode } from '../node/guarded-node.js';
import type { AcquireOptions, AdoptOptions, TryAcquireOptions } from '../options.js';
import {
  isHelperKey,
  isPermitKey,
  LockKeys,
  lockKeysOf,
  requireSharedSlot,
  type SemaphoreKeys,
} from '../protocol/keys.js';
import { requireToken } from '../protocol/token.js';
import {
  parseAcquireOptions,
  parseAdoptOptions,
  parseTryAcquireOptions,
  type AcquireSettings,
} from '../settings/acquire-settings.js';
import type { Settings } from '../settings/settings.js';
import { parseTtl } from '../time/validity.js';

/** A request for a lock, with the terms on which the lock is then held. */
export interface LockRequest extends AcquireSettings {
  /** Those that the caller named; for semaphores, the name. */
  readonly resources: readonly string[];
  /** For semaphores: those of the permit that is requested first. */
  readonly keys: LockKeys;
  readonly ttl: number;
  /** A fencing token above this one is proposed, because the owner has this one. */
  readonly above: number;
  /** The token of the lock that is taken over; `undefined`: none is. */
  readonly adopts: string | undefined;
  /** Whether a `using` routine runs under the lock. */
  readonly forRoutine: boolean;
}

/** Makes requests from the arguments of calls. */
export class Requests {
  readonly #settings: Settings;
  readonly #clusters: readonly GuardedNode[];

  constructor(settings: Settings, clusters: readonly GuardedNode[]) {
    this.#settings = settings;
    this.#clusters = clusters;
  }

  /** @throws TypeError, RangeError for bad arguments, as all of them */
  parse(
    resources: string | readonly string[],
    ttl: number,
    options: AcquireOptions | undefined,
  ): LockRequest {
    const { acquire } = this.#settings;
    const names = this.#parseResources(resources);
    const settings = options === undefined ? acquire : parseAcquireOptions(options, acquire);
    return this.#request(names, ttl, settings);
  }

  /** For a call that does not wait. */
  parseTry(
    resources: string | readonly string[],
    ttl: number,
    options: TryAcquireOptions | undefined,
  ): LockRequest {
    const names = this.#parseResources(resources);
    return this.#request(names, ttl, parseTryAcquireOptions(options, this.#settings.acquire));
  }

  parseAdoption(
    resources: string | readonly string[],
    token: string,
    ttl: number,
    options: AdoptOptions | undefined,
  ): LockRequest {
    requireToken(token);
    const names = this.#parseResources(resources);
    const settings = parseAdoptOptions(options, this.#settings.acquire);
    return this.#request(names, ttl, settings, token);
  }

  /**
   * For a permit of a semaphore.
   * @param permit the one that is requested first
   */
  ofPermit(
    name: string,
    semaphore: SemaphoreKeys,
    permit: number,
    ttl: number,
    settings: AcquireSettings,
    adopts?: string,
  ): LockRequest {
    const { fencing, mode } = settings;
    const keys = new LockKeys([semaphore.keyOf(permit)], fencing, mode, true, semaphore);
    return requestOf([name], keys, this.#parseTtl(ttl), settings, adopts);
  }

  /** The same request for some of its resources. */
  part(request: LockRequest, resources: readonly string[], above: number): LockRequest {
    const keys = this.#keysOf(resources, request);
    return { ...request, resources, keys, above };
  }

  #request(
    resources: readonly string[],
    ttl: number,
    settings: AcquireSettings,
    adopts?: string,
  ): LockRequest {
    if (settings.steal && resources.length > 1) {
      throw new RangeError(
        `steal takes one resource, not ${resources.length}. Steal them one by one.`,
      );
    }
    const keys = this.#keysOf(resources, settings);
    for (const cluster of this.#clusters) requireSharedSlot(keys, resources, cluster);
    return requestOf(resources, keys, this.#parseTtl(ttl), settings, adopts);
  }

  #keysOf(resources: readonly string[], { fencing, mode }: AcquireSettings): LockKeys {
    const { keyPrefix } = this.#settings;
    // Shared locks are for reading: their holders write nothing that could be fenced off.
    const isFenced = fencing && mode === 'exclusive';
    return lockKeysOf(resources, keyPrefix, isFenced, this.#clusters, mode);
  }

  #parseResources(resources: string | readonly string[]): readonly string[] {
    return parseResources(resources, this.#settings.keyPrefix);
  }

  #parseTtl(ttl: number): number {
    return parseTtl(ttl, this.#settings.driftFactor);
  }
}

/** Perf: latency of a lone caller. The settings are spelled out, because V8 copies unknown properties one by one. */
function requestOf(
  resources: readonly string[],
  keys: LockKeys,
  ttl: number,
  settings: AcquireSettings,
  adopts: string | undefined,
): LockRequest {
  const { wait, pollInterval, signal, autoExtend, maxHold, reentrant, mode, onVotes, steal } =
    settings;
  return {
    resources,
    keys,
    ttl,
    above: 0,
    adopts,
    forRoutine: false,
    wait,
    pollInterval,
    signal,
    autoExtend,
    maxHold,
    reentrant,
    fencing: keys.fenced,
    mode,
    onVotes,
    steal,
  };
}

/** @throws the reason of the caller's signal, or RedlockClosedError */
export function throwIfCanceled(
  { resources, signal }: Pick<LockRequest, 'resources' | 'signal'>,
  closed: AbortSignal,
): void {
  signal?.throwIfAborted();
  if (closed.aborted) throw new RedlockClosedError(resources);
}

/**
 * The most resources in one call. One script call takes all of them, and a script must not block its server for long.
 */
const MOST_RESOURCES = 1000;

/**
 * The resources of one call, each once, in the order given.
 *
 * Perf: client's CPU a lock. The list is not frozen, because V8 iterates frozen arrays slowly. What users are shown is
 * a frozen copy.
 * @param mayBePermit whether a resource may be the permit of a semaphore
 * @throws TypeError, RangeError for bad arguments
 */
export function parseResources(
  given: string | readonly string[],
  keyPrefix: string,
  mayBePermit = false,
): readonly string[] {
  if (typeof given !== 'string' && !Array.isArray(given)) {
    throw new TypeError('resources must be a string or an array of strings');
  }
  const resources = typeof given === 'string' ? [given] : [...new Set(given)];
  if (resources.length === 0) throw new RangeError('resources must name at least one resource');
  if (resources.length > MOST_RESOURCES) {
    throw new RangeError(
      `resources must name at most ${MOST_RESOURCES} resources, not ${resources.length}`,
    );
  }
  for (const resource of resources) {
    if (typeof resource !== 'string') {
      throw new TypeError(`A resource must be a string, not ${kindOf(resource)}`);
    }
    if (!resource.isWellFormed()) {
      throw new RangeError('A resource must be well-formed Unicode, without lone surrogates');
    }
    if (resource === '') throw new RangeError('A resource must not be an empty string');
    if (isHelperKey(keyPrefix + resource)) {
      throw new RangeError(
        `The resource ${JSON.stringify(resource)} would be the name of a helper key; choose another name`,
      );
    }
    if (!mayBePermit && isPermitKey(keyPrefix + resource)) {
      throw new RangeError(
        `The resource ${JSON.stringify(resource)} would be the permit of a semaphore; use semaphore(), or choose another name`,
      );
    }
  }
  return resources;
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}
