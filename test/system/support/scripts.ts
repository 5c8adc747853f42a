import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandMonitor } from 'test-kit';

/**
 * In this many pauses of this many ms in a row nothing must happen for waiters to be asleep. Several short ones:
 * while the machine stands still nothing happens, and that can be one of them only.
 */
const PAUSES = 10;
const PAUSE = 25;

/** The scripts that a server has run, with their arguments. */
export async function scripts(monitor: CommandMonitor): Promise<string[]> {
  await monitor.settle();
  return monitor.commands().filter((command) => /^"(eval|evalsha)"/i.test(command));
}

/** Resolves when no script has been run for some time: whoever waits has done what it does at first. */
export async function isQuiet(...monitors: readonly CommandMonitor[]): Promise<void> {
  let before = await countScripts(monitors);
  for (let quiet = 0; quiet < PAUSES; quiet++) {
    await sleep(PAUSE);
    const now = await countScripts(monitors);
    if (now !== before) quiet = -1;
    before = now;
  }
}

/** How many locks those scripts asked for, several of them perhaps in one. */
export function grantsIn(commands: readonly string[]): number {
  const counts = commands.flatMap((command) => [...command.matchAll(/ "G\d*" "(\d+)" /g)]);
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

async function countScripts(monitors: readonly CommandMonitor[]): Promise<number> {
  const counts = await Promise.all(
    monitors.map(async (monitor) => (await scripts(monitor)).length),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
