import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Control } from './control.js';
import type { ConformanceServer } from './server.js';
import { until } from './until.js';

/** Starts a server for one case: redis-server or else valkey-server, from PATH. */
export async function startLocalServer(): Promise<ConformanceServer> {
  const host = '127.0.0.1';
  const port = await freePort(host);
  const directory = await mkdtemp(join(tmpdir(), 'redlock-conformance-'));
  const place = ['--bind', host, '--port', String(port), '--dir', directory];
  // Writes that the server has confirmed survive when it is killed.
  const durable = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
  let child: ChildProcess | null = null;
  const signal = (name: NodeJS.Signals): Promise<void> => {
    child?.kill(name);
    return Promise.resolve();
  };
  const server: ConformanceServer = {
    host,
    port,
    async start() {
      child = await spawnServer([...place, ...durable]);
      await until('the server answers', () => Control.isAnswering(server));
    },
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    async close() {
      await server.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

async function spawnServer(args: readonly string[]): Promise<ChildProcess> {
  for (const binary of ['redis-server', 'valkey-server']) {
    const child = spawn(binary, args, { stdio: 'ignore' });
    try {
      await once(child, 'spawn');
      return child;
    } catch {
      // There is no such program; try the next one.
    }
  }
  throw new Error('Neither redis-server nor valkey-server is on PATH: give the suite a `server`');
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen({ host, port: 0 });
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
