import type { NodeRedisClient, NodeRedisSentinel, SentinelInternals } from './client.js';
import type { Deployment } from './deployment.js';

export function sentinel(client: NodeRedisSentinel): Deployment {
  const internals = client as unknown as SentinelInternals;
  let master: NodeRedisClient | undefined;
  const learn = (): Promise<void> =>
    internals._execute(false, async (current) => void (master = current));
  client.on('topology-change', () => void learn().catch(() => {}));
  return {
    name: 'sentinel',
    isCluster: false,
    get isReady() {
      return client.isReady && master?.isReady === true;
    },
    servers: () => (master ? [master] : []),
    server: () => master,
    send: (args, _key, options) =>
      internals._execute(false, (current) => current.sendCommand(args, options)),
    async connect() {
      if (!client.isOpen) await client.connect();
      await learn();
    },
  };
}
