import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TIMEOUT_MS = 10_000;

/** How Compose is called here: version 2 is a part of `docker`, version 1 a program of its own. */
export type ComposeCommand = readonly ['docker', 'compose'] | readonly ['docker-compose'];

/** The Compose of a Docker engine that answers, or null. */
export async function findCompose(): Promise<ComposeCommand | null> {
  if (!(await succeeds('docker', 'info'))) return null;
  if (await succeeds('docker', 'compose', 'version')) return ['docker', 'compose'];
  if (await succeeds('docker-compose', 'version')) return ['docker-compose'];
  return null;
}

async function succeeds(command: string, ...args: readonly string[]): Promise<boolean> {
  try {
    await run(command, args, { timeout: TIMEOUT_MS });
    return true;
  } catch {
    return false;
  }
}
