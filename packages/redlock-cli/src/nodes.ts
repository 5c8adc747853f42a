import { readFileSync } from 'node:fs';
import { Cluster, Redis } from 'ioredis';
import type { RedisNode } from 'redlock-core';
import { ioredisNode, RECOMMENDED_OPTIONS } from 'redlock-ioredis-adapter';
import { UsageError } from './usage-error.js';

const VARIABLE = 'REDLOCK_NODES';

/** Messages show no URL, because it may contain a password. */
const FORMS =
  'Use redis://USER:PASSWORD@HOST:PORT/DATABASE, rediss://, valkey://, valkeys://, ' +
  'redis+sentinel://HOST,HOST/NAME or redis+cluster://HOST,HOST.';

const URL_FORM =
  /^(?:redis|valkey)(s?)(?:\+(sentinel|cluster))?:\/\/(?:([^/@]*)@)?([^/@?#]+)(?:\/([^?#]*))?$/i;
/** What may follow the hosts. */
const PATHS: Readonly<Record<string, RegExp>> = {
  server: /^(?<db>\d*)$/,
  sentinel: /^(?<group>[^/]+)(?:\/(?<db>\d+))?$/,
  cluster: /^$/,
};
const HOST = /^(\[[\da-f:.]+\]|[^\s:[\]]+)(?::(\d+))?$/i;

/** A comma that ends a URL; others separate the hosts of a Sentinel group or a Cluster. */
const SEPARATOR = /,(?=[\s,]*(?:[a-z+]+:\/\/|$))/i;

interface Values {
  readonly nodes?: string | undefined;
  readonly 'nodes-file'?: string | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * Makes nodes of the URLs in `--nodes`, in `--nodes-file`, or else in the environment, each with its own client, which
 * connects when it is first needed and which `close()` of the Redlock closes.
 * @throws UsageError if there are none, one is invalid, or two have the same name
 */
export function nodesOf(values: Values, environment: NodeJS.ProcessEnv): RedisNode[] {
  const { nodes: list, 'nodes-file': file } = values;
  if (list !== undefined && file !== undefined) {
    throw new UsageError('--nodes and --nodes-file exclude each other. Give one of them.');
  }
  const [source, texts] =
    file === undefined
      ? [
          list === undefined ? VARIABLE : '--nodes',
          (list ?? environment[VARIABLE] ?? '').split(SEPARATOR),
        ]
      : ['--nodes-file', read(file, '--nodes-file').split('\n')];
  const urls = texts.flatMap((text) => text.trim() || []);
  if (urls.length === 0) {
    throw new UsageError(
      `no nodes in ${source}. Use --nodes, --nodes-file or ${VARIABLE}, as in redis://redis-1:6379,redis://redis-2:6379,redis://redis-3:6379.`,
    );
  }
  const files = (['ca', 'cert', 'key'] as const).flatMap((name) => {
    const path = values[name];
    return path === undefined ? [] : [[name, read(path, `--${name}`)] as const];
  });
  const tls = Object.fromEntries(files);
  const targets = urls.map((url, index) => targetOf(url, `URL ${index + 1} of ${source}`));
  if (files.length > 0 && !targets.some(({ isSecure }) => isSecure)) {
    throw new UsageError(`--${files[0]?.[0]} needs TLS. Use rediss:// or valkeys:// URLs.`);
  }
  const names = targets.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new UsageError(`duplicate node ${twice}. Name each node once.`);
  return targets.map((target) => nodeOf(target, tls));
}

function read(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`cannot read ${option} ${JSON.stringify(path)}: ${code}.`);
  }
}

interface Host {
  readonly host: string;
  readonly port: number;
}

/** What a URL names. */
interface Target {
  /** host:port, without user and password. */
  readonly name: string;
  readonly kind: string;
  readonly hosts: readonly Host[];
  readonly isSecure: boolean;
  readonly login: { readonly username?: string; readonly password?: string };
  readonly db: number;
  /** The name of a Sentinel group. */
  readonly group: string;
}

function targetOf(url: string, place: string): Target {
  const [, secure, type = 'server', login = '', list = '', path = ''] = URL_FORM.exec(url) ?? [];
  const kind = type.toLowerCase();
  const parts = PATHS[kind]?.exec(path);
  const hosts = list.split(',').map((text) => hostOf(text, kind === 'sentinel' ? 26_379 : 6379));
  const [first] = hosts;
  if (!parts || !first || hosts.includes(null) || (kind === 'server' && hosts.length > 1)) {
    throw new UsageError(`invalid ${place}. ${FORMS}`);
  }
  const { group = '', db = '' } = parts.groups ?? {};
  const [user = '', ...rest] = login.split(':');
  try {
    const username = decodeURIComponent(user);
    const password = decodeURIComponent(rest.join(':'));
    return {
      name: `${first.host}:${first.port}${group && `/${group}`}`,
      kind,
      hosts: hosts as readonly Host[],
      isSecure: secure !== '',
      login: { ...(username && { username }), ...(password && { password }) },
      db: Number(db),
      group: decodeURIComponent(group),
    };
  } catch {
    throw new UsageError(`invalid ${place}. Write %25 for a % in its user name or password.`);
  }
}

function hostOf(text: string, defaultPort: number): Host | null {
  const [, name, port = defaultPort] = HOST.exec(text) ?? [];
  if (name === undefined || Number(port) > 65_535) return null;
  return { host: name.replaceAll(/[[\]]/g, ''), port: Number(port) };
}

/** The client of a Cluster takes the first two itself, and the others for its connections. */
const { enableOfflineQueue, retryStrategy, ...CONNECTION } = RECOMMENDED_OPTIONS;

function nodeOf({ name, kind, hosts, isSecure, login, db, group }: Target, tls: object): RedisNode {
  const security = isSecure ? { tls } : {};
  const redisOptions = { ...CONNECTION, ...login, ...security };
  const lazy = { lazyConnect: true, enableOfflineQueue };
  const client =
    kind === 'cluster'
      ? new Cluster([...hosts], { ...lazy, redisOptions, clusterRetryStrategy: retryStrategy })
      : new Redis({
          ...redisOptions,
          ...lazy,
          db,
          retryStrategy,
          ...(kind === 'sentinel'
            ? { sentinels: [...hosts], name: group, sentinelRetryStrategy: retryStrategy }
            : hosts[0]),
        });
  // The library reports connection errors, node by node; ioredis would print them.
  client.on('error', () => {});
  return Object.assign(ioredisNode(client, { name }), { close: async () => client.disconnect() });
}
