import type {
  CampaignOptions,
  Election,
  Leader,
  LeadOptions,
  ObserveOptions,
} from '../election.js';
import { quote, QuorumError } from '../errors.js';
import { askForKey, holdingIn, type InspectionServices } from '../lock/inspection.js';
import type { Lock } from '../lock.js';
import { tellVotes, votesOf, type Response } from '../node/response.js';
import type { KeyState } from '../protocol/reading.js';
import type { Routine } from '../routine.js';
import { parseCampaignOptions, parseSignal } from '../settings/election-options.js';
import type { Runtime } from '../time/runtime.js';
import { lead, type Office } from './candidacy.js';
import { leaderOf, observe } from './observation.js';

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
    const responses = await this.#ask();
    const { state, holders } = holdingIn(responses, this.#services);
    if (state === 'unknown') throw this.#unknown(responses);
    const [holder] = state === 'exclusive' ? holders : [];
    return holder ? leaderOf(holder) : null;
  }

  observe(options: ObserveOptions): AsyncIterable<Leader | null> {
    const signal = parseSignal(options);
    const { runtime, closed } = this.#services;
    const ask = async () => {
      const { state, holders } = holdingIn(await this.#ask(), this.#services);
      if (state === 'unknown' || state === 'undecided') return undefined;
      const [holder = null] = state === 'exclusive' ? holders : [];
      return holder;
    };
    return observe({ ttl: this.#office.ttl, runtime, closed, ask }, signal);
  }

  #ask(): Promise<readonly Response<KeyState>[]> {
    return askForKey(this.#services, this.#office.name);
  }

  #unknown(responses: readonly Response<KeyState>[]): QuorumError {
    const { name } = this.#office;
    const votes = votesOf(responses.map((response) => ({ ...response, detail: undefined })));
    const what = `Fewer than a quorum of nodes could say who leads ${quote([name])}`;
    const message = `${what}; check the nodes that failed. Votes: ${tellVotes(votes)}`;
    return new QuorumError(message, [name], votes);
  }
}
