import { type Hold, nameOfLock } from '../history.js';
import type { Finding } from './finding.js';

/**
 * Two clients believed in their locks at one moment, and not both in shared ones. A belief is what `remaining()` would
 * have said: from the grant to the end of validity, or an earlier release or loss. It goes on and ends while its holder
 * is paused, so a pause excuses nothing here; what a pause can do is let a holder act on a belief that has ended, and
 * that is the ledger's to refuse.
 */
export function findOverlaps(holds: readonly Hold[]): Finding[] {
  const findings: Finding[] = [];
  let longest: Hold | null = null;
  let longestShared: Hold | null = null;
  for (const hold of inOrder(holds)) {
    const isShared = hold.mode === 'shared';
    for (const other of isShared ? [longest] : [longest, longestShared]) {
      if (other && hold.from < other.until) findings.push(overlap(other, hold));
    }
    if (isShared) longestShared = laterEnding(longestShared, hold);
    else longest = laterEnding(longest, hold);
  }
  return findings;
}

/** Fencing tokens did not grow from grant to grant. */
export function findDisorder(holds: readonly Hold[]): Finding[] {
  const sorted = inOrder(holds).filter(({ mode }) => mode === 'exclusive');
  return sorted.slice(1).flatMap((hold, index) => {
    const before = sorted[index];
    if (!before || before.token < hold.token) return [];
    const text = `${hold.client} was granted token ${hold.token} after token ${before.token} of ${before.client}`;
    return [{ text, at: hold.from }];
  });
}

function overlap(one: Hold, other: Hold): Finding {
  const ms = Math.min(other.until, one.until) - other.from;
  const names = [one, other].map((hold) => `${hold.client} (${nameOfLock(hold)})`);
  const text = `${names.join(' and ')} both held the lock, for ${ms.toFixed(1)} ms`;
  return { text, at: other.from };
}

function laterEnding(one: Hold | null, other: Hold): Hold {
  return one && one.until >= other.until ? one : other;
}

/** By grant; without those that had ended when their holder first looked, which never believed. */
function inOrder(holds: readonly Hold[]): Hold[] {
  return holds.filter(({ from, until }) => until > from).toSorted((a, b) => a.from - b.from);
}
