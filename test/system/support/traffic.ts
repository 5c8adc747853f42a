import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandMonitor } from 'test-kit';

/**
 * Waiters are asleep when nothing was sent in this many pauses of this many ms in a row. Several short ones, because
 * nothing is sent either while the machine stalls, and a stall falls into one of them.
 */
const PAUSES = 8;
const PAUSE = 25;

/** The commands of Redlocks that a server has executed, with their arguments. */
export async function commandsAt(monitor: CommandMonitor): Promise<string[]> {
  await monitor.settle();
  return monitor.commands().filter((command) => /^"(eval|evalsha)"/i.test(command));
}

/** How many commands of Redlocks each of the servers has executed. */
export async function countAt(monitors: readonly CommandMonitor[]): Promise<number[]> {
  return Promise.all(monitors.map(async (monitor) => (await commandsAt(monitor)).length));
}

/** Resolves when no Redlock has sent a command for some time. */
export async function isQuiet(...monitors: readonly CommandMonitor[]): Promise<void> {
  let before = String(await countAt(monitors));
  for (let quiet = 0; quiet < PAUSES; quiet++) {
    await sleep(PAUSE);
    const now = String(await countAt(monitors));
    if (now !== before) quiet = -1;
    before = now;
  }
}
