import type { RedisNode } from 'redlock-core';
import { CHECKS } from './checks.js';
import { diagnosisOf } from './conclusion.js';
import type { Diagnosis } from './diagnosis.js';
import { readNodeFacts } from './facts/node-facts.js';
import type { DiagnoseOptions } from './options.js';
import { termsOf } from './terms.js';

/**
 * Looks for what would break the promises of a Redlock on these nodes. Give it the same nodes as the Redlock, made by
 * any adapter, and the same options. It asks each node some fifty short commands, once, and leaves nothing behind. The
 * nodes remain the caller's, and stay connected.
 * @param options the keyPrefix, nodeTimeout, fencing, quarantine and quarantineTime of the Redlock; the ttl of its locks
 * @returns the findings; a node that cannot be reached is one of them, and no error
 * @throws TypeError, RangeError for bad arguments
 * @example
 * ```ts
 * import { diagnose } from 'redlock-cli/doctor';
 *
 * const { sound, findings } = await diagnose(nodes, { keyPrefix: 'locks:', ttl: 10_000 });
 * for (const { level, code, node, message } of findings) log.warn({ level, code, node }, message);
 * if (!sound) throw new Error('The Redis nodes are not fit for locks');
 * ```
 */
export async function diagnose(
  nodes: Iterable<RedisNode>,
  options?: DiagnoseOptions,
): Promise<Diagnosis> {
  const list = [...nodes];
  const terms = await termsOf(list, options);
  const facts = { nodes: await Promise.all(list.map((node) => readNodeFacts(node, terms))), terms };
  return diagnosisOf(CHECKS.flatMap((check) => check(facts)));
}
