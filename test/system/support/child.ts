import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import type { Deployment } from 'test-kit';

const PROGRAM = fileURLToPath(new URL('../programs/holder.js', import.meta.url));

type Child = ChildProcessByStdio<null, Readable, null>;

/** Runs holder.js; resolves when the deed is done, before the process has ended. */
export async function runChild(deployment: Deployment, deed: string): Promise<ChildProcess> {
  const child = spawnChild(deployment, deed);
  expect(await lineOf(child)).toBe('done');
  return child;
}

/** The same, of a deed that tells of its lock. */
export async function runHolder(
  deployment: Deployment,
  deed: string,
): Promise<{ child: Child; token: string; fencingToken: number }> {
  const child = spawnChild(deployment, deed);
  const { token, fencingToken } = JSON.parse(await lineOf(child)) as Record<string, unknown>;
  return { child, token: String(token), fencingToken: Number(fencingToken) };
}

/** The next line that it says. */
export async function lineOf({ stdout }: Child): Promise<string> {
  const [output] = await once(stdout, 'data');
  return String(output).trimEnd();
}

function spawnChild(deployment: Deployment, deed: string): Child {
  const ports = deployment.nodes.map(({ server }) => String(server.port));
  const child = spawn(process.execPath, [PROGRAM, deed, ...ports], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  deployment.defer(() => child.kill('SIGKILL'));
  return child;
}

/** The code that a process ends with by itself. */
export async function exitCode(child: ChildProcess): Promise<unknown> {
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
  return code;
}
