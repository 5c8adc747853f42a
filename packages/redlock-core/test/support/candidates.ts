import type { Election, Leader, Lock } from 'redlock-core';
import { world, type ProcessOptions } from './world.js';

export const TTL = 9000;
/** To all nodes and back, in ms. */
export const ROUND_TRIP = 10;
const PATIENT = { pollInterval: 50_000 };

/** Processes that campaign for one election. */
export function candidates(ttl = TTL) {
  const { process, time, servers, steal: stealKey } = world();
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
      await time.advance(5 * ROUND_TRIP);
      return campaigning;
    };
    return { ...own, election, kill, campaign };
  };
  /** The result of a call, once its nodes have answered. */
  const answered = async <T>(asking: Promise<T>): Promise<T> => {
    await time.advance(ROUND_TRIP);
    return asking;
  };
  /** The owner that observers find. */
  const leader = async (): Promise<string | null> => {
    const found = await answered(candidate('observer').election.leader());
    return found && found.owner;
  };
  /** Gives the leadership to another, or to nobody. */
  const steal = (token?: string): Promise<void> => stealKey(token, 'e');
  return { time, servers, candidate, answered, leader, steal };
}

/** The leaders that an observer finds. */
export function watch(election: Election) {
  const stop = new AbortController();
  const leaders: (Leader | null)[] = [];
  const watching = (async () => {
    for await (const leader of election.observe({ signal: stop.signal })) leaders.push(leader);
    return 'ended';
  })();
  watching.catch(() => {});
  const owners = (): (string | null)[] => leaders.map((leader) => leader && leader.owner);
  return { leaders, owners, watching, stop: () => stop.abort() };
}
