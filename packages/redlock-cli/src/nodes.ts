import { readFileSync } from 'node:fs';
import { Cluster, Redis } from 'ioredis';
import type { RedisNode, RedlockOptions } from 'redlock-core';
import { ioredisNode, RECOMMENDED_OPTIONS } from 'redlock-ioredis-adapter';
import { type COMMON, requireOne, UsageError, type Values } from './options.js';

const VARIABLE = 'REDLOCK_NODES';

/** Messages show no URL, because it may contain a password. */
const FORMS =
  'Use redis://USER:PASSWORD@HOST:PORT/DATABASE, rediss://, valkey://, valkeys://, ' +
  'redis+sentinel://HOST,HOST/NAME or redis+cluster://HOST,HOST.';

const URL_FORM =
  /^(?:redis|valkey)(?<secure>s?)(?:\+(?<type>sentinel|cluster))?:\/\/(?:(?<user>[^/@:]*)(?::(?<password>[^/@]*))?@)?(?<list>[^/@?#]+)(?:\/(?<path>[^?#]*))?$/i;
const IS_SECURE = /^(?:rediss|valkeys)\b/i;
/** What may follow the hosts. */
const PATHS: Readonly<Record<string, RegExp>> = {
  server: /^(?<db>\d*)$/,
  sentinel: /^(?<group>[^/]+)(?:\/(?<db>\d+))?$/,
  cluster: /^$/,
};
const HOST = /^(\[[\da-f:.]+\]|[^\s:[\]]+)(?::(\d+))?$/i;

/** A comma that ends a URL; others separate the hosts of a Sentinel group or a Cluster. */
const SEPARATOR = /,(?=[\s,]*(?:[a-z+]+:\/\/|$))/i;

type NodeValues = Pick<Values<typeof COMMON>, 'nodes' | 'nodes-file' | 'ca' | 'cert' | 'key'>;

/** What every command needs for a Redlock. */
export interface Connection {
  readonly nodes: readonly RedisNode[];
  readonly options: Pick<RedlockOptions, 'keyPrefix' | 'owner' | 'quarantine'>;
}

/** @throws UsageError */
export function connectionOf(
  values: Values<typeof COMMON>,
  environment: NodeJS.ProcessEnv,
): Connection {
  const { 'key-prefix': prefix, owner, quarantine } = values;
  return {
    nodes: nodesOf(values, environment),
    options: { keyPrefix: prefix ?? '', quarantine, ...(owner !== null && { owner }) },
  };
}

/**
 * Makes nodes of the URLs in `--nodes`, in `--nodes-file`, or else in the environment, each with its own client, which
 * connects when it is first needed and which `close()` of the Redlock closes.
 * @throws UsageError if there are none, one is invalid, or two have the same name
 */
export function nodesOf(values: NodeValues, environment: NodeJS.ProcessEnv): RedisNode[] {
  const [source, urls] = urlsOf(values, environment);
  if (urls.length === 0) {
    throw new UsageError(
      `no nodes in ${source}. Use --nodes, --nodes-file or ${VARIABLE}, as in redis://redis-1:6379,redis://redis-2:6379,redis://redis-3:6379.`,
    );
  }
  const files = (['ca', 'cert', 'key'] as const).filter((name) => values[name] !== null);
  if (files.length > 0 && !urls.some((url) => IS_SECURE.test(url))) {
    throw new UsageError(`--${files[0]} needs TLS. Use rediss:// or valkeys:// URLs.`);
  }
  const tls = Object.fromEntries(
    files.map((name) => [name, read(values[name] ?? '', `--${name}`)]),
  );
  const nodes = urls.map((url, index) => nodeOf(url, `URL ${index + 1} of ${source}`, tls));
  const names = nodes.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new UsageError(`duplicate node ${twice}. Name each node once.`);
  return nodes;
}

/** The URLs of all nodes, and where they are from. */
function urlsOf(
  { nodes, 'nodes-file': file }: NodeValues,
  environment: NodeJS.ProcessEnv,
): readonly [source: string, urls: readonly string[]] {
  requireOne({ '--nodes': nodes, '--nodes-file': file });
  const source = file !== null ? '--nodes-file' : nodes !== null ? '--nodes' : VARIABLE;
  const urls =
    file !== null
      ? read(file, source).split('\n')
      : (nodes ?? environment[VARIABLE] ?? '').split(SEPARATOR);
  return [source, urls.flatMap((url) => url.trim() || [])];
}

function read(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`cannot read ${option} ${JSON.stringify(path)}: ${code}.`);
  }
}

/** The client of a Cluster takes the first two itself, and the others for its connections. */
const { enableOfflineQueue, retryStrategy, ...CONNECTION } = RECOMMENDED_OPTIONS;

/** @param place names the URL in messages */
function nodeOf(url: string, place: string, tls: object): RedisNode {
  const {
    secure,
    type = 'server',
    list = '',
    path = '',
    ...login
  } = URL_FORM.exec(url)?.groups ?? {};
  const kind = type.toLowerCase();
  const rest = PATHS[kind]?.exec(path);
  const hosts = list.split(',').map((each) => hostOf(each, kind === 'sentinel' ? 26_379 : 6379));
  const [first] = hosts;
  const isSurplus = kind === 'server' && hosts.length > 1;
  if (!rest || !first || isSurplus || !hosts.every((host) => host !== null)) {
    throw new UsageError(`invalid ${place}. ${FORMS}`);
  }
  const { group = '', db = '' } = rest.groups ?? {};
  const [username, password, masters] = [login['user'], login['password'], group].map((part) =>
    decoded(part ?? '', place),
  );
  const redisOptions = {
    ...CONNECTION,
    ...(username && { username }),
    ...(password && { password }),
    ...(secure && { tls }),
  };
  const client =
    kind === 'cluster'
      ? new Cluster(hosts, {
          lazyConnect: true,
          enableOfflineQueue,
          redisOptions,
          clusterRetryStrategy: retryStrategy,
        })
      : new Redis({
          ...redisOptions,
          lazyConnect: true,
          enableOfflineQueue,
          retryStrategy,
          db: Number(db),
          ...(kind === 'sentinel'
            ? { sentinels: hosts, name: masters, sentinelRetryStrategy: retryStrategy }
            : first),
        });
  // The library reports connection errors, node by node; ioredis would print them.
  client.on('error', () => {});
  const name = `${first.host}:${first.port}${group && `/${group}`}`;
  return Object.assign(ioredisNode(client, { name }), { close: async () => client.disconnect() });
}

function hostOf(given: string, defaultPort: number): { host: string; port: number } | null {
  const [, name, port = defaultPort] = HOST.exec(given) ?? [];
  if (name === undefined || Number(port) > 65_535) return null;
  return { host: name.replaceAll(/[[\]]/g, ''), port: Number(port) };
}

function decoded(part: string, place: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new UsageError(`invalid ${place}. Write %25 for a % in its user name or password.`);
  }
}
