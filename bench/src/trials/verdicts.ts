import { type Outcome as AnyOutcome, spreadOf, showTimes as show } from '../figure.js';

/** What each word of an outcome means. */
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

/** What was seen of a library in a trial, in these words only. */
export interface Outcome extends AnyOutcome {
  readonly verdict: keyof typeof VERDICTS;
}

/** @param times in ms, of several repetitions if there were any */
export function outcomeOf(
  verdict: Outcome['verdict'],
  times: readonly number[] = [],
  notes: readonly string[] = [],
): Outcome {
  return {
    verdict,
    ...(times.length > 0 && { ms: spreadOf(times) }),
    ...(notes.length > 0 && { notes }),
  };
}

export function showTimes(times: readonly number[]): string {
  return show(spreadOf(times));
}
