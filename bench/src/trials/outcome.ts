import { medianOf, show } from '../spread.js';

/** What was seen of a library in a trial, in these words only. */
type Verdict = keyof typeof VERDICTS;

/** What each word means. */
export const VERDICTS = {
  'gets it': 'the lock was granted',
  'every round': 'one of the callers got the lock in every round',
  'some rounds': 'in some rounds none of them did',
  'no round': 'in no round one of them did',
  'says so': 'the call rejected',
  'no answer': 'the call had neither resolved nor rejected after 10 s',
  'one holder': 'a second caller did not get a lock that was held',
  'two holders': 'a second caller got a lock that was held and had not expired',
  told: 'the signal aborted, or the callback was called',
  'not told': 'neither happened within the time that the trial gives',
  'no notice': 'the library extends no lock by itself and so has nothing that could tell',
  'nothing left': 'no node had the key a second later',
  'left behind': 'nobody held the lock, and a node still had the key a second later',
  'expired lock': 'the call resolved with a lock that no node had any more',
  hidden: 'the password was in none of the texts',
  shown: 'the password was in one of them',
  'process ended': 'the process that ran the trial ended',
} as const;

export interface Outcome {
  readonly verdict: Verdict;
  /** Times in ms, of several repetitions if there were any. */
  readonly ms?: readonly number[];
  /** What else was seen. */
  readonly notes?: readonly string[];
}

/** A cell of the table: verdict, median (min–max), notes. */
export function showOutcome({ verdict, ms = [], notes = [] }: Outcome): string {
  const figures = ms.length > 0 ? [showTimes(ms)] : [];
  return [verdict, ...figures, ...notes].join('; ');
}

export function showTimes(ms: readonly number[]): string {
  const range = `${showTime(Math.min(...ms))}–${showTime(Math.max(...ms))}`;
  return `${showTime(medianOf(ms))}${ms.length > 1 ? ` (${range})` : ''} ms`;
}

function showTime(ms: number): string {
  return show(ms, ms < 1 ? 2 : ms < 10 ? 1 : 0);
}
