import type { Election, Leader, Lock } from 'redlock-core';
import { threeServers, type ProcessOptions } from './processes.js';

export const TTL = 9000;
/** To all nodes and back, in ms. */
export const ROUND_TRIP = 10;
const PATIENT = { retryDelay: 50_000, retryJitter: 0 };

/** Processes that campaign for one election. */
export function candidates(ttl = TTL) {
  const { process, runtime, servers } = threeServers();
  const candidate = (owner: string, options: ProcessOptions = {}) => {
    const own = process({ owner, roundTrip: ROUND_TRIP, ...PATIENT, ...options });
    const election = own.redlock.election('e', ttl);
    /** Nothing reaches the nodes any more. */
    const kill = (): void => {
      for (const node of own.nodes) node.mode = 'hold';
    };
    /** Its leadership, once it has it. */
    const campaign = async (): Promise<Lock> => {
      const campaigning = election.campaign();
      await runtime.advance(5 * ROUND_TRIP);
      return campaigning;
    };
    return { ...own, election, kill, campaign };
  };
  /** Gives the leadership to somebody else, or to nobody. */
  const steal = async (token?: string): Promise<void> => {
    for (const server of servers) await server.steal('e', token);
  };
  return { runtime, servers, candidate, steal };
}

/** What an observer is told. */
export function watch(election: Election) {
  const stop = new AbortController();
  const told: (Leader | null)[] = [];
  const watching = (async () => {
    for await (const leader of election.observe({ signal: stop.signal })) told.push(leader);
    return 'over';
  })();
  watching.catch(() => {});
  const owners = (): (string | null)[] => told.map((leader) => leader && leader.owner);
  return { told, owners, watching, stop: () => stop.abort() };
}
