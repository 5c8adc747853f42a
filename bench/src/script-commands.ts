import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Address, Subject } from './subject.js';

const LONG_ENOUGH_FOR_DENIALS = 50;

/**
 * The commands that a subject's scripts call and the subject itself does not send: Redis counts
 * both alike. Found by watching one lock, and another that waits for it.
 *
 * @param known commands that its scripts call in other situations
 */
export async function scriptCommands(
  subject: Subject,
  { host, port }: Address,
  known: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const client = new Redis({ host, port });
  const monitor = await client.monitor();
  const sent = new Set<string>(['info', 'flushall']);
  const inScripts = new Set(known);
  monitor.on('monitor', (_time: string, [name = '']: string[], source: string) => {
    (source === 'lua' ? inScripts : sent).add(name.toLowerCase());
  });
  const release = await subject.acquire('script-commands');
  const second = subject.acquire('script-commands');
  await sleep(LONG_ENOUGH_FOR_DENIALS);
  await release();
  await (
    await second
  )();
  client.disconnect();
  monitor.disconnect();
  await once(monitor, 'end');
  return new Set([...inScripts].filter((name) => !sent.has(name)));
}
