import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { Ground } from './support/ground.js';

const PROGRAM = fileURLToPath(new URL('support/holder.js', import.meta.url));
const TTL = 60_000;

/** Runs support/holder.js; resolves when the deed is done, before the process has ended. */
async function run(ground: Ground, deed: string): Promise<ChildProcess> {
  const ports = ground.sites.map(({ server }) => String(server.port));
  const child = spawn(process.execPath, [PROGRAM, deed, ...ports], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  ground.defer(() => child.kill('SIGKILL'));
  const [output] = await once(child.stdout, 'data');
  expect(String(output)).toBe('done\n');
  return child;
}

test.each([
  { deed: 'drop', what: 'a process that still holds a lock' },
  { deed: 'use', what: 'a process that has used a lock' },
  { deed: 'urls', what: 'a process whose Redlock was closed, clients made of URLs included,' },
])('failure 14: $what exits by itself when its clients are gone', async ({ deed }) => {
  await using ground = await Ground.lay(3);
  const child = await run(ground, deed);
  // Long before the ttl, whose timers must not keep it alive.
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
  expect(code).toBe(0);
});

test('a holder that is killed frees the lock within its ttl, and not before', async () => {
  await using ground = await Ground.lay(3);
  const redlock = await ground.redlock(6);
  const child = await run(ground, 'hold');
  expect(await redlock.tryAcquire('process', TTL)).toBeNull();
  const longest = await Promise.all(ground.probes.map((probe) => probe.pttl('process')));
  for (const pttl of longest) expect(pttl).toBeLessThanOrEqual(1500);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await redlock.tryAcquire('process', TTL)).toBeNull();
  const start = performance.now();
  await using lock = await redlock.acquire('process', TTL, { wait: 20_000, retryDelay: 20 });
  expect(performance.now() - start).toBeLessThan(1500 + 2000);
  expect(lock.remaining()).toBeGreaterThan(0);
});
