import { Redlock, type RedlockOptions } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import {
  type Client,
  type ClientOptions,
  type Deployment,
  isReady,
  type Major,
  openClient,
  pace,
} from 'test-kit';

/** A Redlock and the clients that it has for itself. */
export interface Contender {
  readonly redlock: Redlock;
  readonly clients: readonly Client[];
}

export interface ContenderOptions extends RedlockOptions {
  readonly client?: ClientOptions;
  /** Indexes of the nodes that are not waited for long: a test takes them away. */
  readonly hastyAt?: readonly number[];
  /** Where the clients connect to instead of the deployment's proxies. */
  readonly through?: readonly { readonly host: string; readonly port: number }[];
}

/** A Redlock over clients that may not be connected yet. By default it is patient with all nodes. */
export function openContender(
  deployment: Deployment,
  major: Major,
  options: ContenderOptions = {},
): Contender {
  const { client, hastyAt = [], ...others } = options;
  const { through = deployment.nodes.map(({ proxy }) => proxy), ...redlockOptions } = others;
  const clients = through.map((address) => deployment.own(openClient(major, address, client)));
  const redlock = new Redlock(
    clients.map((one, index) =>
      ioredisNode(one, { timeout: hastyAt.includes(index) ? pace.hasty : undefined }),
    ),
    { nodeTimeout: pace.patient, wait: pace.limit, ...redlockOptions },
  );
  deployment.defer(() => redlock.close());
  return { redlock, clients };
}

/** The same, connected. */
export async function readyContender(
  deployment: Deployment,
  major: Major,
  options: ContenderOptions = {},
): Promise<Contender> {
  const contender = openContender(deployment, major, options);
  await Promise.all(contender.clients.map((client) => isReady(client)));
  return contender;
}

/** The Redlock of a contender that is connected. */
export async function readyRedlock(
  deployment: Deployment,
  major: Major,
  options: ContenderOptions = {},
): Promise<Redlock> {
  return (await readyContender(deployment, major, options)).redlock;
}
