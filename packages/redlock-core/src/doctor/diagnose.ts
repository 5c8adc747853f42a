import { Redlock } from '../index.js';
import { MIN_QUARANTINE_TIME } from '../node/known-servers.js';
import type { RedisNode } from '../redis-node.js';
import { isPositive, POSITIVE, requireNumber } from '../settings/argument.js';
import { missingPermissions, reachability, visibility, writes } from './checks/access.js';
import { memory, persistence } from './checks/durability.js';
import { quorum } from './checks/quorum.js';
import { clocks, roundTrips } from './checks/time.js';
import {
  failover,
  hosts,
  identity,
  multiMaster,
  replication,
  setSize,
  version,
} from './checks/topology.js';
import { readNodeFacts, type SetFacts, type Terms } from './facts.js';
import type { DiagnoseOptions, Diagnosis, DoctorFinding, FindingLevel } from './finding.js';
import { borrowed } from './questions.js';

/** All checks. Findings of one level are reported in this order. */
const CHECKS: readonly ((facts: SetFacts) => readonly DoctorFinding[])[] = [
  quorum,
  reachability,
  identity,
  multiMaster,
  replication,
  failover,
  persistence,
  memory,
  missingPermissions,
  writes,
  clocks,
  roundTrips,
  version,
  setSize,
  visibility,
  hosts,
];

const LEVELS: readonly FindingLevel[] = ['error', 'warning', 'info'];

/**
 * Looks for what would break the promises of a Redlock on these nodes. Give it the nodes of the Redlock, made by any
 * adapter, and the same options. It sends each node about fifty short commands, once, and leaves nothing behind. The nodes
 * remain the caller's and stay connected.
 * @param options the keyPrefix, nodeTimeout, fencing, quarantine and quarantineTime of the Redlock; the ttl of its locks
 * @returns the findings; an unreachable node is a finding, not an error
 * @throws TypeError, RangeError for bad arguments
 * @example
 * ```ts
 * import { diagnose } from 'redlock-core/doctor';
 *
 * const { ok, findings } = await diagnose(nodes, { keyPrefix: 'locks:', ttl: 10_000 });
 * for (const { level, code, node, message } of findings) log.warn({ level, code, node }, message);
 * if (!ok) throw new Error('The Redis nodes are not suitable for locks');
 * ```
 */
export async function diagnose(
  nodes: Iterable<RedisNode>,
  options?: DiagnoseOptions,
): Promise<Diagnosis> {
  const list = [...nodes];
  const terms = await termsOf(list, options);
  return judge({ nodes: await Promise.all(list.map((node) => readNodeFacts(node, terms))), terms });
}

/**
 * Runs all checks.
 * @internal
 */
export function judge(facts: SetFacts): Diagnosis {
  const findings = merged(
    CHECKS.flatMap((check) => check(facts)),
    facts.nodes.length,
  );
  return {
    ok: findings.every(({ level }) => level !== 'error'),
    findings: LEVELS.flatMap((level) => findings.filter((each) => each.level === level)),
  };
}

/** Findings that all masters of a Cluster share are one, and so are findings that all nodes share. */
function merged(findings: readonly DoctorFinding[], nodes: number): readonly DoctorFinding[] {
  const groups = new Map<string, Map<string | null, DoctorFinding>>();
  for (const each of findings) {
    const key = JSON.stringify({ ...each, node: null });
    groups.set(key, (groups.get(key) ?? new Map()).set(each.node, each));
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group.values();
    const isShared = first && nodes > 1 && group.size === nodes;
    return isShared ? [{ ...first, node: null }] : [...group.values()];
  });
}

/**
 * @throws TypeError, RangeError for bad nodes or options
 * @internal
 */
export async function termsOf(
  nodes: readonly RedisNode[],
  { ttl = 10_000, timeout: wait = 5000, ...options }: DiagnoseOptions = {},
): Promise<Terms> {
  requireNumber('ttl', ttl, POSITIVE, isPositive);
  requireNumber('timeout', wait, POSITIVE, isPositive);
  // The Redlock checks what it knows.
  await new Redlock(nodes.map(borrowed), options).close();
  const { keyPrefix = '', nodeTimeout, fencing = true, quarantine = true } = options;
  const { quarantineTime = Math.max(MIN_QUARANTINE_TIME, ttl) } = options;
  return { ttl, wait, keyPrefix, nodeTimeout, fencing, quarantine, quarantineTime };
}
