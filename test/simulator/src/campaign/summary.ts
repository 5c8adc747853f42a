import type { CampaignResult } from './campaign.js';
import type { Tally } from '../run/tally.js';

/** What the runs exercised, and what never happened in them. */
export function tellCampaign(
  { schedules, events, tally, ms }: CampaignResult,
  first: number,
): string {
  const perSecond = Math.round((schedules / ms) * 1000);
  const lines = [
    `${schedules} schedules, seeds ${first} to ${first + schedules - 1}, ${events} events, ` +
      `${(ms / 1000).toFixed(1)} s, ${perSecond} schedules a second`,
    countsOf(tally)
      .map(([name, count]) => `${name} ${count}`)
      .join(', '),
  ];
  return lines.join('\n');
}

export function neverHappened(tally: Tally): readonly string[] {
  return countsOf(tally)
    .filter(([, count]) => count === 0)
    .map(([name]) => name);
}

function countsOf(tally: Tally): readonly [string, number][] {
  return Object.entries(tally.counts);
}
