import { Redlock, type RedlockOptions } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { type Address, type Client, type ClientOptions, openClient } from './ioredis-clients.js';
import { pace } from './pace.js';

/** A Redlock and the clients that it has for itself. */
export interface Contender {
  readonly redlock: Redlock;
  readonly clients: readonly Client[];
}

export interface ContenderOptions extends RedlockOptions {
  readonly client?: ClientOptions;
  /** Indexes of nodes with a short timeout, because a test makes them unreachable. */
  readonly hastyAt?: readonly number[];
  /** Where the clients connect to instead of the deployment's proxies. */
  readonly through?: readonly Address[];
}

/** A Redlock of ioredis 6 over clients that may not be connected yet. By default its node timeout outlasts stalls. */
export function openContender(
  proxies: readonly Address[],
  { client, hastyAt = [], through = proxies, ...options }: ContenderOptions = {},
): Contender {
  const clients = through.map((address) => openClient(6, address, client));
  const nodes = clients.map((one, index) =>
    ioredisNode(one, { timeout: hastyAt.includes(index) ? pace.hasty : undefined }),
  );
  const patience = { nodeTimeout: pace.patient, wait: pace.limit };
  return { redlock: new Redlock(nodes, { ...patience, ...options }), clients };
}
