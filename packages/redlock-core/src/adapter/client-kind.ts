/** A client, as far as its members can be seen. */
type Client = Readonly<Record<string, unknown>>;

interface Kind {
  /** The name of this kind in errors. */
  readonly name: string;
  /** What the user should do with such a client. */
  readonly remedy: string;
  is(client: Client): boolean;
}

/**
 * The kinds that adapters take. The factory of each adapter refuses the others, although it could call most of them.
 */
const KINDS = {
  ioredis: {
    name: 'an ioredis or iovalkey client',
    remedy: 'call ioredisNode of redlock-ioredis-adapter, or iovalkeyNode',
    is: (client) => has(client, 'call', 'disconnect') && typeof client['status'] === 'string',
  },
  nodeRedis: {
    name: 'a node-redis client',
    remedy: 'call nodeRedisNode of redlock-node-redis-adapter',
    is: (client) => has(client, 'connect', 'destroy') && 'isOpen' in client && !isPool(client),
  },
  glide: {
    name: 'a Valkey GLIDE client',
    remedy: 'call valkeyGlideNode of redlock-valkey-glide-adapter',
    is: (client) => has(client, 'customCommand', 'exec'),
  },
} satisfies Readonly<Record<string, Kind>>;

/** Other things that users give to adapters. */
const OTHERS: readonly Kind[] = [
  {
    name: 'a pool of node-redis clients',
    remedy: 'pass one of createClient instead, since a pool does not keep commands in order',
    is: isPool,
  },
  {
    name: 'a callback client of redis 2 or 3',
    remedy: 'use redis 5.9 or later, or ioredis',
    is: (client) => has(client, 'internal_send_command'),
  },
  {
    name: 'a client of redis 4',
    remedy: 'use redis 5.9 or later, or ioredis',
    is: (client) => has(client, 'connect', 'sendCommand') && 'isOpen' in client,
  },
  {
    name: 'the callback interface of a node-redis client',
    remedy: 'pass the client itself instead of what its legacy() returns',
    is: (client) => has(client, 'sendCommand', 'quit') && !has(client, 'connect'),
  },
  {
    name: 'a node already',
    remedy: 'pass it to new Redlock as it is',
    is: (client) => has(client, 'call', 'connect', 'onReady'),
  },
];

/**
 * Checks that a factory is given a client of its own kind.
 * @throws TypeError that says what was given and what to do instead
 */
export function requireClient(given: unknown, kind: keyof typeof KINDS): void {
  const expected = KINDS[kind];
  const client = typeof given === 'object' && given !== null ? (given as Client) : {};
  if (expected.is(client)) return;
  const found = [...Object.values(KINDS), ...OTHERS].find((other) => other.is(client));
  const why = found ? `This is ${found.name}: ${found.remedy}` : `This is ${nameOf(given)}`;
  throw new TypeError(`The client must be ${expected.name}. ${why}`);
}

function isPool(client: Client): boolean {
  return has(client, 'execute', 'sendCommand') && 'idleClients' in client;
}

function has(client: Client, ...methods: readonly string[]): boolean {
  return methods.every((method) => typeof client[method] === 'function');
}

/** Does not show the value, which may be a URL with a password. */
function nameOf(given: unknown): string {
  if (given === null || given === undefined) return String(given);
  return typeof given === 'object' ? 'another object' : `a ${typeof given}`;
}
