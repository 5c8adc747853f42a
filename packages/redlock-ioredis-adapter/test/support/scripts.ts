import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandMonitor } from 'testbed';

/** How long nothing must happen for those who wait to be asleep, in ms. */
const QUIET_MS = 250;

/** The scripts that a server has run, with their arguments. */
export async function scripts(monitor: CommandMonitor): Promise<string[]> {
  await monitor.settle();
  return monitor.commands().filter((command) => /^"(eval|evalsha)"/i.test(command));
}

/** Resolves when no script has been run for some time: whoever waits has done what it does at first. */
export async function isQuiet(...monitors: readonly CommandMonitor[]): Promise<void> {
  for (;;) {
    const before = await countScripts(monitors);
    await sleep(QUIET_MS);
    if ((await countScripts(monitors)) === before) return;
  }
}

async function countScripts(monitors: readonly CommandMonitor[]): Promise<number> {
  const counts = await Promise.all(
    monitors.map(async (monitor) => (await scripts(monitor)).length),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
