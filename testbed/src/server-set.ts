import { launchDockerServers } from './docker-launch.js';
import { ProcessServer } from './process-server.js';
import { provideServerSource } from './provided-source.js';
import type { RedisServer, ServerOptions } from './redis-server.js';

/** Fresh, empty, independent servers, started in parallel: all of them, or none is left. */
export async function startServers(count: number, options?: ServerOptions): Promise<RedisServer[]> {
  const source = await provideServerSource();
  const names = Array.from({ length: count }, (_, index) => `node-${index + 1}`);
  if (source.kind === 'docker') return launchDockerServers(names, options);
  const launches = await Promise.allSettled(
    names.map((name) => ProcessServer.launch(name, source.binary, options)),
  );
  const servers = launches.flatMap((launch) =>
    launch.status === 'fulfilled' ? [launch.value] : [],
  );
  const failure = launches.find((launch) => launch.status === 'rejected');
  if (failure === undefined) return servers;
  await Promise.all(servers.map((server) => server.close()));
  throw failure.reason;
}
