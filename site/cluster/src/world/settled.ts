import { setImmediate } from 'node:timers';

/** Resolves when all promises and ticks have run that can. An immediate runs when none of them is left. */
export function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
