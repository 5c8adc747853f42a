import { launchDockerServers } from './docker-launch.js';
import { ProcessServer } from './process-server.js';
import { provideServerSource } from './provided-source.js';
import type { RedisServer, ServerOptions } from './redis-server.js';
import { findBinary } from './server-source.js';

/** Fresh, empty, independent servers, started in parallel: all of them, or none is left. */
export async function startServers(count: number, options?: ServerOptions): Promise<RedisServer[]> {
  const source = await provideServerSource();
  if (source.kind === 'docker') return launchDockerServers(namesOf(count), options);
  return launchProcesses(count, source.binary, options);
}

/** Servers that talk to one another, which those in containers of their own cannot: always processes. */
export async function startPeers(count: number, options?: ServerOptions): Promise<RedisServer[]> {
  const binary = await findBinary();
  if (binary === null) {
    throw new Error(
      'Clusters and Sentinel groups need redis-server or valkey-server on PATH ' +
        '(apt install redis-server, brew install redis), not Docker.',
    );
  }
  return launchProcesses(count, binary, options);
}

async function launchProcesses(
  count: number,
  binary: string,
  options?: ServerOptions,
): Promise<RedisServer[]> {
  const launches = await Promise.allSettled(
    namesOf(count).map((name) => ProcessServer.launch(name, binary, options)),
  );
  const servers = launches.flatMap((launch) =>
    launch.status === 'fulfilled' ? [launch.value] : [],
  );
  const failure = launches.find((launch) => launch.status === 'rejected');
  if (failure === undefined) return servers;
  await Promise.all(servers.map((server) => server.close()));
  throw failure.reason;
}

function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `node-${index + 1}`);
}

/** One fresh, empty server. */
export async function startServer(options?: ServerOptions): Promise<RedisServer> {
  const [server] = await startServers(1, options);
  if (!server) throw new Error('No server was started');
  return server;
}
