import { tracingChannel } from 'node:diagnostics_channel';
import type { LockTrace } from 'redlock-core';

const NAMES = ['acquire', 'using', 'extend', 'release'];

/**
 * The least that somebody can do who wants to know of every call.
 * @returns what ends it
 */
export function subscribePlainly(): () => void {
  let calls = 0;
  const listener = (message: unknown): void => {
    if ((message as LockTrace).outcome) calls++;
  };
  const ends = NAMES.map((name) => tracingChannel<unknown, LockTrace>(`redlock:${name}`).asyncEnd);
  for (const end of ends) end.subscribe(listener);
  return () => {
    for (const end of ends) end.unsubscribe(listener);
    if (calls === 0) throw new Error('The channels have told nothing');
  };
}
