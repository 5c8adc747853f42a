import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import type { Ground } from './ground.js';

const PROGRAM = fileURLToPath(new URL('holder.js', import.meta.url));

/** Runs holder.js; resolves when the deed is done, before the process has ended. */
export async function runChild(ground: Ground, deed: string): Promise<ChildProcess> {
  const ports = ground.sites.map(({ server }) => String(server.port));
  const child = spawn(process.execPath, [PROGRAM, deed, ...ports], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  ground.defer(() => child.kill('SIGKILL'));
  const [output] = await once(child.stdout, 'data');
  expect(String(output)).toBe('done\n');
  return child;
}

/** The code that a process ends with by itself. */
export async function exitCode(child: ChildProcess): Promise<unknown> {
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
  return code;
}
