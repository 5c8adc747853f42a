import type { GuardedNode } from '../node/guarded-node.js';
import { lockKeysOf, requireSharedSlot } from '../protocol/lock-keys.js';
import { permitKeysIn } from '../protocol/permit-keys.js';
import { parseResources } from '../protocol/resource.js';
import type { AcquireOptions, TryAcquireOptions } from '../options.js';
import { parseAcquireOptions, parseTryAcquireOptions } from '../settings/acquire-settings.js';
import type { Settings } from '../settings/settings.js';
import { parseTtl } from '../settings/ttl.js';
import type { LockRequest } from './acquisition.js';
import type { Ownership } from './ownership.js';

/** Makes requests from the arguments of calls. */
export class Requests {
  readonly #settings: Settings;
  readonly #clusters: readonly GuardedNode[];
  readonly #ownership: Ownership;

  constructor(settings: Settings, clusters: readonly GuardedNode[], ownership: Ownership) {
    this.#settings = settings;
    this.#clusters = clusters;
    this.#ownership = ownership;
  }

  /** @throws TypeError, RangeError for bad arguments */
  parse(
    resources: string | readonly string[],
    ttl: number,
    options: AcquireOptions | undefined,
    parseOptions = parseAcquireOptions,
  ): LockRequest {
    const { keyPrefix, driftFactor, acquire } = this.#settings;
    const names = parseResources(resources, keyPrefix);
    const settings = parseOptions(options, acquire);
    const { mode } = settings;
    // Shared locks are for reading: their holders write nothing that could be fenced off.
    const fencing = settings.fencing && mode === 'exclusive';
    const lockKeys = lockKeysOf(names, keyPrefix, fencing, this.#clusters, mode);
    for (const cluster of this.#clusters) requireSharedSlot(lockKeys, names, cluster);
    // Perf: latency, alone. The settings are spelled out, because V8 copies unknown properties one by one.
    const { wait, retryDelay, retryJitter, signal, autoExtend, maxHold, reentrant } = settings;
    return {
      resources: names,
      lockKeys,
      ttl: parseTtl(ttl, driftFactor),
      above: 0,
      forRoutine: false,
      owned: this.#ownership.current,
      permits: null,
      wait,
      retryDelay,
      retryJitter,
      signal,
      autoExtend,
      maxHold,
      reentrant,
      fencing,
      mode,
    };
  }

  /** The same, for an adoption. The lock of a permit is awaited in the queue of its semaphore, whoever releases it. */
  parseAdoption(
    resources: string | readonly string[],
    ttl: number,
    options: AcquireOptions | undefined,
  ): LockRequest {
    const request = this.parse(resources, ttl, options);
    const { keys, fenced } = request.lockKeys;
    const [key = '', ...others] = keys;
    const permit = others.length === 0 ? permitKeysIn(key, fenced) : null;
    return { ...request, reentrant: false, lockKeys: permit ?? request.lockKeys };
  }

  /** The same, for a call that tries once. */
  parseTry(
    resources: string | readonly string[],
    ttl: number,
    options: TryAcquireOptions | undefined,
  ): LockRequest {
    return this.parse(resources, ttl, options, parseTryAcquireOptions);
  }
}
