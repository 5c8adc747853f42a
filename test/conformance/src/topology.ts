import type { ConformanceServer, ServerAddress } from 'redlock-core/conformance';
import { RedisCluster, type RedisServer, SentinelGroup, startServer } from 'test-kit';
import { Shared } from './shared.js';

export const topologies = ['standalone', 'sentinel', 'cluster'] as const;
export type Topology = (typeof topologies)[number];

/** Servers that cases run on. */
export interface Deployment extends AsyncDisposable {
  /** The server that cases fault, one after another. */
  server(): Promise<ConformanceServer>;
  /** Where clients ask for it first: Sentinels, or the servers of a Cluster. */
  readonly entrances: readonly ServerAddress[];
}

export function deploy(topology: Topology): Promise<Deployment> {
  if (topology === 'sentinel') return deploySentinels();
  return topology === 'cluster' ? deployCluster() : deployStandalone();
}

async function deployStandalone(): Promise<Deployment> {
  const server = await startServer();
  const shared = new Shared(server);
  return {
    server: async () => shared,
    entrances: [],
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** A master that comes back itself, for it has no replica. */
async function deploySentinels(): Promise<Deployment> {
  const group = await SentinelGroup.start({ replicas: 0 });
  const server = new Shared(await group.master());
  return {
    server: async () => server,
    entrances: group.sentinels,
    [Symbol.asyncDispose]: () => group.close(),
  };
}

/** Three masters, of which that of the cases' slot is hurt. */
async function deployCluster(): Promise<Deployment> {
  const cluster = await RedisCluster.start();
  const master = await cluster.masterOf('{conformance}');
  const isWhole = async (server: RedisServer): Promise<boolean> => {
    try {
      return (await cluster.probe(server).cluster('INFO')).includes('cluster_state:ok');
    } catch {
      return false;
    }
  };
  const peers = cluster.servers.filter((one) => one !== master);
  const server = new Shared(master, peers, async () => {
    const states = await Promise.all(cluster.servers.map(isWhole));
    return states.every(Boolean);
  });
  return {
    server: async () => server,
    entrances: cluster.servers,
    [Symbol.asyncDispose]: () => cluster.close(),
  };
}
