import type {
  AnyClient,
  CommandOptions,
  Internals,
  NodeRedisClient,
  NodeRedisCluster,
  NodeRedisSentinel,
} from './client.js';

/** A server, a Sentinel group or a Cluster: what the three kinds of client have in common. */
export interface Deployment {
  readonly name: string;
  readonly isReady: boolean;
  /** The clients of the masters, as far as they are known. */
  servers(): readonly NodeRedisClient[];
  /**
   * Sends a command.
   * @param key decides which server of a Cluster it goes to
   */
  send(args: string[], key: string | undefined, options: CommandOptions): Promise<unknown>;
  /** Connects if that was not done yet, and learns which server is the master. */
  connect(): Promise<unknown>;
  /** Only of a Cluster. */
  readonly masters?: {
    /** The address of the master that has a slot. */
    of(slot: number): string | undefined;
    client(address: string): NodeRedisClient | undefined;
  };
}

/** How long a command for a Cluster waits for the connection to its server, in ms. */
const PATIENCE = 1000;

/** The deployment that a client is for. */
export function deploymentOf(client: AnyClient): Deployment {
  if ('masters' in client) return cluster(client);
  return '_execute' in client
    ? sentinel(client as NodeRedisSentinel & Internals)
    : standalone(client as NodeRedisClient & Internals);
}

function standalone(client: NodeRedisClient & Internals): Deployment {
  const { host = 'localhost', port = 6379, path } = client.options?.socket ?? {};
  let ended = false;
  client.on('end', () => (ended = true));
  client.on('connect', () => (ended = false));
  return {
    name: path ?? `${host}:${port}`,
    get isReady() {
      return client.isReady;
    },
    servers: () => [client],
    send: (args, _key, options) => client.sendCommand(args, options),
    async connect() {
      // A client that its caller has closed stays closed.
      if (!client.isOpen && !ended) await client.connect();
    },
  };
}

function sentinel(client: NodeRedisSentinel & Internals): Deployment {
  let master: NodeRedisClient | undefined;
  const learn = (): Promise<void> =>
    client._execute(false, async (current) => void (master = current));
  client.on('topology-change', () => void learn().catch(() => {}));
  return {
    name: 'sentinel',
    get isReady() {
      return client.isReady && master?.isReady === true;
    },
    servers: () => (master ? [master] : []),
    send: (args, _key, options) =>
      client._execute(false, (current) => current.sendCommand(args, options)),
    async connect() {
      if (!client.isOpen) await client.connect();
      await learn();
    },
  };
}

function cluster(client: NodeRedisCluster): Deployment {
  const servers = (): NodeRedisClient[] =>
    client.masters.flatMap((master) => (master.client ? [master.client] : []));
  return {
    name: 'cluster',
    get isReady() {
      return client.isOpen && servers().some((server) => server.isReady);
    },
    servers,
    // One server may be away while others answer. Commands for it must not pile up.
    send: (args, key, options) =>
      client.sendCommand(key, false, args, { ...options, timeout: PATIENCE }),
    async connect() {
      if (!client.isOpen) await client.connect();
      // With `minimizeConnections`, the client has not connected to any master yet, and would do so only with the first
      // command.
      await Promise.any(client.masters.map((master) => client.nodeClient(master)));
    },
    masters: {
      of: (slot) => client.slots[slot]?.master.address,
      client: (address) => client.masters.find((master) => master.address === address)?.client,
    },
  };
}
