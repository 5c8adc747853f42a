import type { Visit } from '../history.js';
import type { Entry } from '../ledger.js';
import type { Finding } from './finding.js';

/** An entry that is not one above the one before: somebody wrote over what had come in between. */
export function findLostUpdates(entries: readonly Entry[], visits: readonly Visit[]): Finding[] {
  return entries.flatMap(({ client, token, balance }, index) => {
    const before = entries[index - 1]?.balance ?? 0;
    if (balance === before + 1) return [];
    const text = `${client} (token ${token}) wrote ${balance} after ${before}: an update was lost`;
    return [{ text, at: visits.find((visit) => visit.token === token)?.at ?? null }];
  });
}

/** The ledger saw a higher token than that of somebody who held the lock. */
export function findRefusedHolders(visits: readonly Visit[]): Finding[] {
  return visits.flatMap(({ kind, client, token, at, admitted, late, hold }) => {
    if (admitted || late || !hold || at >= hold.until) return [];
    return [
      { text: `${client} held the lock, and its ${kind} with token ${token} was refused`, at },
    ];
  });
}

/** Written after the writer's belief had ended, when no successor had come yet: in order, so harmless. */
export function countLateWrites(visits: readonly Visit[]): number {
  return visits.filter(
    ({ kind, admitted, at, hold }) => kind === 'write' && admitted && hold && at > hold.until,
  ).length;
}
