import type { RedlockOptions } from 'redlock-core';
import type { Command } from './command.js';
import { threeServers } from './processes.js';

export const TTL = 100_000;

/** It is not the poll that wakes. */
const PATIENT = { retryDelay: 50_000, retryJitter: 0, wait: Infinity };

/** Processes that share a semaphore of so many permits, called `seats`. */
export function processes(permits: number) {
  const { process, runtime, servers } = threeServers();
  const seats = (options: RedlockOptions & { roundTrip?: number } = {}) => {
    const here = process({ ...PATIENT, ...options });
    /** When the first node is asked for a permit. */
    const times: number[] = [];
    const answer = here.a.mode;
    if (typeof answer === 'function') {
      here.a.mode = (command: Command) => {
        if (command.has('grant')) times.push(runtime.now());
        answer(command);
      };
    }
    return { ...here, times, semaphore: here.redlock.semaphore('seats', permits) };
  };
  return { seats, runtime, servers };
}

export type Seats = ReturnType<ReturnType<typeof processes>['seats']>;
