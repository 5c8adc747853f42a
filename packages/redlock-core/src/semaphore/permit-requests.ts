import type { LockRequest } from '../lock/acquisition.js';
import type { GuardedNode } from '../node/guarded-node.js';
import { sharesSlot } from '../protocol/lock-keys.js';
import { PermitKeys, permitLine } from '../protocol/permit-keys.js';
import type { AcquireSettings } from '../settings/acquire-settings.js';
import type { Settings } from '../settings/settings.js';
import { requireSemaphoreTerms } from '../settings/semaphore-terms.js';
import { parseTtl } from '../settings/ttl.js';
import type { Runtime } from '../time/runtime.js';
import { PermitChoice } from '../waiting/permit-choice.js';
import type { WaitingLines } from '../waiting/waiting-lines.js';

/** What requests for permits need of their Redlock. */
export interface PermitServices {
  readonly settings: Settings;
  readonly clusters: readonly GuardedNode[];
  readonly quorum: { readonly size: number };
  readonly lines: WaitingLines;
  readonly runtime: Runtime;
}

/** Makes requests for permits of one semaphore. */
export class PermitRequests {
  readonly #services: PermitServices;
  readonly #name: string;
  readonly #permits: number;
  /** The permit that this process was granted last. If it has given that permit back, it is probably free; null: none. */
  #latest: number | null = null;

  /** @throws TypeError, RangeError for bad arguments */
  constructor(services: PermitServices, name: string, permits: number) {
    requireSemaphoreTerms(name, permits);
    this.#services = services;
    this.#name = name;
    this.#permits = permits;
    for (const cluster of services.clusters) this.#requireOneSlot(cluster);
  }

  /** A permit was granted. */
  granted(permit: number): void {
    this.#latest = permit;
  }

  /**
   * @param parseOptions fills in the defaults of the Redlock
   * @throws TypeError, RangeError for bad arguments
   */
  parse<O>(
    ttl: number,
    options: O,
    parseOptions: (options: O, defaults: AcquireSettings) => AcquireSettings,
  ): LockRequest {
    const { acquire, driftFactor } = this.#services.settings;
    const settings = parseOptions(options, acquire);
    const permits = this.#choice(settings.fencing);
    return {
      ...settings,
      resources: [this.#name],
      lockKeys: permits.keys,
      permits,
      ttl: parseTtl(ttl, driftFactor),
      above: 0,
      forRoutine: false,
      owned: undefined,
    };
  }

  #choice(fenced: boolean): PermitChoice {
    const { settings, quorum, lines, runtime } = this.#services;
    const { keyPrefix } = settings;
    const line = permitLine(this.#name, keyPrefix);
    const isHeldHere = (permit: number): boolean => lines.holdsPermit(line, permit);
    const latest = this.#latest;
    // Two callers that ask at the same time would get in each other's way.
    this.#latest = null;
    return new PermitChoice(
      {
        name: this.#name,
        permits: this.#permits,
        keyPrefix,
        fenced,
        quorum: quorum.size,
        first: latest === null || isHeldHere(latest) ? null : latest,
        isHeldHere,
      },
      runtime,
    );
  }

  /**
   * On a Cluster, all keys of a script share a slot. Those of a semaphore have a hash tag, unless a prefix disturbs it.
   * @throws RangeError that says what to do
   */
  #requireOneSlot(cluster: GuardedNode): void {
    const line = permitLine(this.#name, this.#services.settings.keyPrefix);
    const { keys } = new PermitKeys(line, 0, this.#permits, false);
    if (keys.every((key) => sharesSlot(key, line, cluster))) return;
    throw new RangeError(
      `The keys of the semaphore ${JSON.stringify(this.#name)} are in different slots of the Cluster ` +
        `${cluster.name}, because a key prefix has a { and a } with nothing between them; use another prefix`,
    );
  }
}
