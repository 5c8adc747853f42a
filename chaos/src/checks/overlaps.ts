import type { Hold } from '../history.js';
import type { Finding } from './finding.js';

/**
 * Two clients believed in their locks at one moment. A belief is what `remaining()` would have said:
 * from the grant to the end of validity, or an earlier release or loss. It goes on and ends while its
 * holder is paused, so a pause excuses nothing here; what a pause can do is let a holder act on a belief
 * that has ended, and that is the ledger's to refuse.
 */
export function findOverlaps(holds: readonly Hold[]): Finding[] {
  const findings: Finding[] = [];
  let longest: Hold | null = null;
  for (const hold of inOrder(holds)) {
    if (longest && hold.from < longest.until) {
      const ms = Math.min(hold.until, longest.until) - hold.from;
      const text = `${longest.client} (token ${longest.token}) and ${hold.client} (token ${hold.token}) both held the lock, for ${ms.toFixed(1)} ms`;
      findings.push({ text, at: hold.from });
    }
    if (!longest || hold.until > longest.until) longest = hold;
  }
  return findings;
}

/** Fencing tokens did not grow from grant to grant. */
export function findDisorder(holds: readonly Hold[]): Finding[] {
  const sorted = inOrder(holds);
  return sorted.slice(1).flatMap((hold, index) => {
    const before = sorted[index];
    if (!before || before.token < hold.token) return [];
    const text = `${hold.client} was granted token ${hold.token} after token ${before.token} of ${before.client}`;
    return [{ text, at: hold.from }];
  });
}

/** By grant; without those that had ended when their holder first looked, which never believed. */
function inOrder(holds: readonly Hold[]): Hold[] {
  return holds.filter(({ from, until }) => until > from).toSorted((a, b) => a.from - b.from);
}
