const nextTick = process.nextTick.bind(process);
let ticks = 0;

process.nextTick = (callback: (...args: never[]) => void, ...args: unknown[]): void => {
  ticks++;
  nextTick(callback, ...args);
};

/**
 * Resolves when all promises and ticks have run that can, and costs a sixth of a turn of the event
 * loop. A tick runs when no microtask is left; so if nobody has asked for one since the last, nobody
 * has anything to do.
 */
export async function settled(): Promise<void> {
  let seen: number;
  do {
    seen = ticks;
    await new Promise<void>((resolve) => nextTick(resolve));
  } while (ticks !== seen);
}
