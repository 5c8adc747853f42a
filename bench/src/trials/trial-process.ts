import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './outcome.js';
import type { LibraryName } from './packages.js';

const SCRIPT = fileURLToPath(new URL('./trial-main.js', import.meta.url));
const LIMIT = 120_000;

/** Runs a trial in a process of its own, because a library may hang or end it. */
export async function runInProcess(trial: string, library: LibraryName): Promise<Outcome> {
  const child = fork(SCRIPT, [trial, library], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  let outcome: Outcome = { verdict: 'process ended' };
  child.once('message', (message: Outcome) => (outcome = message));
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT);
  await once(child, 'close');
  clearTimeout(timer);
  if (complaint !== '') console.error(`${trial}, ${library}:\n${complaint}`);
  return outcome;
}
