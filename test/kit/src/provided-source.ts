import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findExecutable } from './executable.js';
import { findServerSource, type ServerSource, wantedKind } from './server-source.js';

const run = promisify(execFile);

/** `findServerSource()`, and where there is none, installs redis-server if apt can. */
export async function provideServerSource(): Promise<ServerSource> {
  const found = await findServerSource();
  if (found !== null) return found;
  const aptGet = await findExecutable('apt-get');
  if (wantedKind() !== 'docker' && aptGet !== null && process.getuid?.() === 0) {
    await installRedis(aptGet);
    const installed = await findServerSource();
    if (installed !== null) return installed;
  }
  throw new Error(howToGetOne());
}

async function installRedis(aptGet: string): Promise<void> {
  process.stderr.write('No redis-server on PATH: installing it with apt-get\n');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Another process may be installing at the same moment: wait for it.
  const lock = ['-o', 'DPkg::Lock::Timeout=120'];
  try {
    await run(aptGet, [...lock, 'update'], { env });
    await run(aptGet, [...lock, 'install', '-y', 'redis-server'], { env });
  } catch (error) {
    throw new Error(`apt-get could not install redis-server. ${howToGetOne()}`, { cause: error });
  }
}

function howToGetOne(): string {
  if (wantedKind() === 'docker') {
    return 'REDIS_SERVERS=docker, but no Docker engine with Compose answers: start Docker.';
  }
  const install =
    'install redis-server or valkey-server (apt install redis-server, brew install redis)';
  if (wantedKind() === 'process')
    return `REDIS_SERVERS=process, but there is no Redis: ${install}.`;
  return `There is no Redis to test with: ${install}, or start Docker.`;
}
