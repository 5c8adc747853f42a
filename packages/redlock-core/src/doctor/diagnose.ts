import { MIN_QUARANTINE_TIME } from '../node/known-servers.js';
import type { RedlockOptions } from '../options.js';
import type { RedisNode } from '../redis-node.js';
import { isPositive, POSITIVE, requireNumber } from '../settings/argument.js';
import { parseNodes, parseRedlockOptions } from '../settings/settings.js';
import type { Check, FindingCode, FindingLevel, Found } from './check.js';
import { ACCESS } from './checks/access.js';
import { STORAGE } from './checks/storage.js';
import { TIME } from './checks/time.js';
import { TOPOLOGY } from './checks/topology.js';
import { readNodeFacts, type SetFacts, type Terms } from './facts.js';

/**
 * All checks. Findings of one level are reported in this order.
 * @internal
 */
export const CHECKS: Readonly<Record<FindingCode, Check>> = {
  ...ACCESS,
  ...TOPOLOGY,
  ...STORAGE,
  ...TIME,
};

/** One thing that could break a promise, and what to do about it. */
export interface DoctorFinding {
  readonly level: FindingLevel;
  readonly code: FindingCode;
  /** The name of the node. null: the finding holds for all nodes, for the set of nodes, or for this machine. */
  readonly node: string | null;
  /** What was found, and what could go wrong. */
  readonly message: string;
  /** What to do: a command, a line of configuration, or a step. */
  readonly fix: string;
}

/** The result of `diagnose`. Plain data without credentials: `JSON.stringify` works. */
export interface Diagnosis {
  /** Whether no finding is an `error`. */
  readonly ok: boolean;
  /** The most serious first. */
  readonly findings: readonly DoctorFinding[];
}

/**
 * What the nodes are used for, and how long the diagnosis waits. Options of the same name have the meaning and
 * default that they have for a Redlock.
 */
export interface DiagnoseOptions extends Pick<
  RedlockOptions,
  'keyPrefix' | 'nodeTimeout' | 'fencing' | 'quarantine' | 'quarantineTime'
> {
  /** The ttl of the locks in ms; the shortest if there are several. Default 10,000. */
  ttl?: number | undefined;
  /** How long to wait for a connection, and then for each reply, in ms. Default 5000. */
  timeout?: number | undefined;
}

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
  const list = parseNodes(nodes);
  const terms = termsOf(options);
  return judge({ nodes: await Promise.all(list.map((node) => readNodeFacts(node, terms))), terms });
}

/**
 * @throws TypeError, RangeError for bad options
 * @internal
 */
export function termsOf({
  ttl = 10_000,
  timeout: wait = 5000,
  ...options
}: DiagnoseOptions = {}): Terms {
  requireNumber('ttl', ttl, POSITIVE, isPositive);
  requireNumber('timeout', wait, POSITIVE, isPositive);
  const { acquire, quarantineTime, ...settings } = parseRedlockOptions(options);
  return {
    ...settings,
    ttl,
    wait,
    fencing: acquire.fencing,
    quarantineTime: quarantineTime ?? Math.max(MIN_QUARANTINE_TIME, ttl),
  };
}

const LEVELS: readonly FindingLevel[] = ['error', 'warning', 'info'];

/**
 * Runs all checks.
 * @internal
 */
export function judge(facts: SetFacts): Diagnosis {
  const all = (Object.entries(CHECKS) as [FindingCode, Check][]).flatMap(([code, check]) =>
    merged(findingsOf(code, check, facts), facts.nodes.length),
  );
  const findings = LEVELS.flatMap((level) => all.filter((each) => each.level === level));
  return { ok: findings.every(({ level }) => level !== 'error'), findings };
}

/** What one check finds. */
function findingsOf(
  code: FindingCode,
  { level, fix, server, node: judgeNode, set }: Check,
  facts: SetFacts,
): readonly DoctorFinding[] {
  const of = (node: string | null, found: Found): readonly DoctorFinding[] => {
    if (!found) return [];
    const { message, ...others } = typeof found === 'string' ? { message: found } : found;
    return [{ level, code, node, message, fix, ...others }];
  };
  const ofSet = [set?.(facts)].flat().flatMap((found) => of(null, found));
  const ofNodes = facts.nodes.flatMap((node) => [
    ...of(node.name, judgeNode?.(node, facts)),
    ...node.servers.flatMap((each) => of(node.name, server?.(each, node, facts))),
  ]);
  return [...ofSet, ...ofNodes];
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
