import { basename } from 'node:path';
import type { RedisNode } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { findServerSource, type RedisServer, startServers } from 'test-kit';

const COUNT = 5;

/** Five nodes, and what they are. */
export type DemoNodes = { readonly names: readonly string[]; readonly description: string } & (
  | { readonly kind: 'servers'; readonly servers: readonly RedisServer[] }
  | { readonly kind: 'memory'; readonly nodes: readonly RedisNode[] }
);

/** The best nodes that this machine has, started. */
export async function openNodes(): Promise<DemoNodes> {
  const source = await findServerSource();
  if (source === null && !process.env['REDIS_SERVERS']) return openMemoryNodes();
  // Where the environment asks for a kind that is not here, this says so.
  const servers = await startServers(COUNT);
  const program =
    source?.kind === 'process' ? `${basename(source.binary)} processes` : 'Redis containers';
  return {
    kind: 'servers',
    servers,
    names: servers.map(({ name }) => name),
    description: `${COUNT} ${program}, ports ${servers.map(({ port }) => port).join(' ')}`,
  };
}

/** Removes the servers and their data. */
export async function closeNodes(nodes: DemoNodes): Promise<void> {
  if (nodes.kind === 'servers') await Promise.all(nodes.servers.map((server) => server.close()));
}

function openMemoryNodes(): DemoNodes {
  const names = Array.from({ length: COUNT }, (_, index) => `node-${index + 1}`);
  return {
    kind: 'memory',
    nodes: names.map((name) => memoryNode({ name })),
    names,
    description:
      'in-memory nodes in one process: this shows the interface, not distribution; ' +
      'install redis-server for the real thing',
  };
}
