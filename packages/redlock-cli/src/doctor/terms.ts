import { Redlock, type RedisNode, type RedlockOptions } from 'redlock-core';

/** The options of the Redlock that the nodes are for, as far as findings depend on them. */
type LockOptions = Pick<
  RedlockOptions,
  'keyPrefix' | 'nodeTimeout' | 'fencing' | 'quarantine' | 'quarantineTime'
>;

/** What the nodes are to be used for, and how long the diagnosis may take. */
export interface DiagnoseOptions extends LockOptions {
  /** The ttl of the locks in ms; the shortest if there are several. Default 10,000. */
  ttl?: number | undefined;
  /** How long to wait for a connection, and then for each reply, in ms. Default 5000. */
  wait?: number | undefined;
}

/** The options, with their defaults. */
export interface Terms {
  readonly ttl: number;
  readonly wait: number;
  readonly keyPrefix: string;
  readonly nodeTimeout: number | undefined;
  readonly fencing: boolean;
  readonly quarantine: boolean | 'strict';
  /** In ms. */
  readonly quarantineTime: number;
}

/** What the core takes unless it is told more, in ms. */
const LEAST_QUARANTINE = 5000;

/** @throws TypeError, RangeError for bad nodes or options; the core itself says so where it knows the option */
export async function termsOf(
  nodes: readonly RedisNode[],
  { ttl = 10_000, wait = 5000, ...options }: DiagnoseOptions = {},
): Promise<Terms> {
  requirePositive('ttl', ttl);
  requirePositive('wait', wait);
  await new Redlock(nodes.map(borrowed), options).close();
  const { keyPrefix = '', nodeTimeout, fencing = true, quarantine = true } = options;
  const { quarantineTime = Math.max(ttl, LEAST_QUARANTINE) } = options;
  return { ttl, wait, keyPrefix, nodeTimeout, fencing, quarantine, quarantineTime };
}

/** The same node, which stays open when a Redlock of it is closed. It connects and answers, and does no more. */
export function borrowed(node: RedisNode): RedisNode {
  return {
    name: node.name,
    timeout: node.timeout,
    cluster: node.cluster,
    keyPrefix: node.keyPrefix,
    get ready() {
      return node.ready;
    },
    get lastError() {
      return node.lastError;
    },
    call: (args) => node.call(args),
    connect: () => node.connect(),
    onReady: (listener) => node.onReady(listener),
  };
}

function requirePositive(name: string, value: number): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number`);
  if (!Number.isSafeInteger(value) || value <= 0) {
    throw new RangeError(`${name} must be a positive safe integer of ms, not ${value}`);
  }
}
