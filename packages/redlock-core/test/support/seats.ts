import type { PermitLock } from 'redlock-core';
import type { Command } from './command.js';
import { world, type ProcessOptions } from './world.js';

export const TTL = 100_000;

/** It is not the poll that wakes. */
const PATIENT = { pollInterval: 50_000, wait: Infinity };

/** Processes that share a semaphore of so many permits, called `seats`. */
export function processes(permits: number) {
  const { process, time: runtime, servers } = world();
  const seats = (options: ProcessOptions = {}) => {
    const here = process({ ...PATIENT, ...options });
    /** When the first node is asked for a permit. */
    const times: number[] = [];
    const answer = here.a.mode;
    if (typeof answer === 'function') {
      here.a.mode = (command: Command) => {
        if (command.does('acquire')) times.push(runtime.now());
        answer(command);
      };
    }
    return { ...here, times, semaphore: here.redlock.semaphore('seats', permits) };
  };
  return { seats, runtime, servers };
}

export type Seats = ReturnType<ReturnType<typeof processes>['seats']>;

/** A process takes so many permits. */
export async function take({ semaphore }: Seats, count: number): Promise<PermitLock[]> {
  const locks: PermitLock[] = [];
  for (let left = count; left > 0; left--) locks.push(await semaphore.acquire(TTL));
  return locks;
}
