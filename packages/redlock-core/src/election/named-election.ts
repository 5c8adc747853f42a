import type {
  CampaignOptions,
  Election,
  Leader,
  LeadOptions,
  ObserveOptions,
} from '../election.js';
import { RedlockClosedError, quote } from '../errors.js';
import type { Holder } from '../inspection.js';
import {
  inspectedKeys,
  judgeHolders,
  statesIn,
  unknownError,
  type InspectionServices,
} from '../lease/inspection.js';
import type { Lock, Routine } from '../lock.js';
import type { Response } from '../quorum/response.js';
import { parseCampaignOptions, parseSignal } from '../settings/method-options.js';
import type { Runtime } from '../time/runtime.js';
import { lead, type Office } from './candidate.js';
import { leaderOf, observe } from './observer.js';

export interface ElectionServices extends InspectionServices {
  readonly runtime: Runtime;
}

/** The class behind {@link Election}. Whatever it does, it does with the lock on the resource of its name. */
export class NamedElection implements Election {
  readonly #office: Office;
  readonly #services: ElectionServices;

  constructor(office: Office, services: ElectionServices) {
    this.#office = office;
    this.#services = services;
  }

  async campaign(options?: CampaignOptions): Promise<Lock> {
    const { redlock, name, ttl } = this.#office;
    return await redlock.acquire(name, ttl, parseCampaignOptions(options));
  }

  async lead(routine: Routine<unknown>, options: LeadOptions): Promise<void> {
    if (typeof routine !== 'function') throw new TypeError('routine must be a function');
    await lead(this.#office, routine, parseSignal(options));
  }

  async leader(): Promise<Leader | null> {
    const { name } = this.#office;
    const responses = await this.#inspect();
    const { state, holders } = judgeHolders(statesIn(responses), this.#services.quorum.size);
    if (state === 'unknown') {
      throw unknownError(`Cannot get the leader of ${quote([name])}`, name, responses);
    }
    const [holder] = state === 'exclusive' ? holders : [];
    return holder ? leaderOf(holder) : null;
  }

  observe(options: ObserveOptions): AsyncIterable<Leader | null> {
    const signal = parseSignal(options);
    const { runtime, closed, quorum } = this.#services;
    const ask = async (): Promise<Holder | null | undefined> => {
      const states = statesIn(await this.#inspect(signal));
      const { state, holders } = judgeHolders(states, quorum.size);
      if (state === 'unknown' || state === 'undecided') return undefined;
      const [holder = null] = state === 'exclusive' ? holders : [];
      return holder;
    };
    return observe({ ttl: this.#office.ttl, runtime, closed, ask }, signal);
  }

  async #inspect(signal?: AbortSignal): Promise<readonly Response[]> {
    const { name } = this.#office;
    const { quorum, closed } = this.#services;
    if (closed.aborted) throw new RedlockClosedError([name]);
    return await quorum.inspect(inspectedKeys(name, this.#services), signal);
  }
}
