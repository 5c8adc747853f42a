import type { NodeFacts } from '../facts/node-facts.js';
import type { Purpose } from '../facts/probes.js';
import type { Terms } from '../terms.js';
import { timeoutOf } from './node-timeout.js';

/** Rights without which a node still grants locks. */
const UNNEEDED: ReadonlySet<string> = new Set(['+del', '+pexpire']);

/** Whether a node would grant a lock to whoever asks. */
export function canVote(facts: NodeFacts, terms: Terms): boolean {
  const { failure, refusal, servers, isCluster, missing, roundTrip } = facts;
  const needed = neededPurposes(terms);
  return (
    failure === null &&
    refusal === null &&
    servers.every((server) => !server.isReplica && (isCluster || !server.isClusterMember)) &&
    missing.every(({ purpose, right }) => !needed.has(purpose) || UNNEEDED.has(right)) &&
    (roundTrip ?? 0) < timeoutOf(facts, terms)
  );
}

function neededPurposes({ fencing, quarantine }: Terms): ReadonlySet<Purpose> {
  const needed = new Set<Purpose>(['lock']);
  if (fencing) needed.add('fencing');
  if (quarantine !== false) needed.add('quarantine');
  return needed;
}
