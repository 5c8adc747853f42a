import { NodeTimeout, timeoutTermsOf } from '../../node/timeouts.js';
import { quorumOf } from '../../quorum/verdict.js';
import type { NodeFacts, SetFacts, Terms } from '../facts.js';
import { type DoctorFinding, finding } from '../finding.js';
import type { Purpose } from '../rights.js';

/** Rights without which a node still grants locks. */
const OPTIONAL: ReadonlySet<string> = new Set(['+del', '+pexpire']);

/** Finds that fewer than a quorum of the nodes can vote. */
export function quorum({ nodes, terms }: SetFacts): readonly DoctorFinding[] {
  const needed = quorumOf(nodes.length);
  const others = nodes.filter((node) => !canVote(node, terms));
  const voters = nodes.length - others.length;
  if (voters >= needed) return [];
  return [
    finding(
      'error',
      'NO_QUORUM',
      null,
      `no lock can be acquired: ${voters} of ${nodes.length} nodes can vote, and a lock needs ${needed}; ` +
        `no vote from ${others.map(({ name }) => name).join(', ')}`,
      'first fix what the findings about these nodes say',
    ),
  ];
}

function canVote(facts: NodeFacts, terms: Terms): boolean {
  const { failure, refusal, servers, isCluster, missing, hasLua, roundTrip } = facts;
  const needed = new Set<Purpose>(['lock']);
  if (terms.fencing) needed.add('fencing');
  if (terms.quarantine !== false) needed.add('quarantine');
  return (
    failure === null &&
    refusal === null &&
    hasLua &&
    servers.every((server) => !server.isReplica && (isCluster || !server.isClusterMember)) &&
    missing.every(({ purpose, right }) => !needed.has(purpose) || OPTIONAL.has(right)) &&
    (roundTrip ?? 0) < timeoutOf(facts, terms)
  );
}

/** The timeout that is set for the node, in ms. */
export function givenTimeout({ timeout }: NodeFacts, { nodeTimeout }: Terms): number | undefined {
  return timeout ?? nodeTimeout;
}

/** The timeout of the first command of a process, which has not measured a round trip yet, in ms. */
export function firstTimeout(facts: NodeFacts, terms: Terms): number {
  return timeoutOf({ ...facts, roundTrip: null }, terms);
}

/** The timeout of later commands, in ms. */
export function timeoutOf(facts: NodeFacts, terms: Terms): number {
  const timeout = new NodeTimeout(givenTimeout(facts, terms));
  if (facts.roundTrip !== null) timeout.measured(facts.roundTrip);
  return timeout.of(timeoutTermsOf({ verb: 'acquire', ttl: terms.ttl }));
}
