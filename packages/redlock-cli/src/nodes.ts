import type { RedisNode } from 'redlock-core';
import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';
import { UsageError } from './usage-error.js';

const VARIABLE = 'REDLOCK_NODES';
const EXAMPLE = 'redis://redis-1:6379,redis://redis-2:6379,redis://redis-3:6379';

/**
 * The URLs of the nodes, from `--nodes` or else from the environment.
 * @param given the value of `--nodes`, if it was given
 * @throws UsageError if there are none, or one of them is no `redis://` or `rediss://` URL; the message never shows a
 *   URL, which may hold a password
 */
export function nodeUrlsOf(given: string | undefined, environment = process.env): string[] {
  const list = given ?? environment[VARIABLE] ?? '';
  const urls = list.split(',').flatMap((url) => url.trim() || []);
  const source = given === undefined ? VARIABLE : '--nodes';
  if (urls.length === 0) {
    throw new UsageError(`no nodes are given: use --nodes or set ${VARIABLE}, as in ${EXAMPLE}`);
  }
  for (const [index, url] of urls.entries()) {
    if (isRedisUrl(url)) continue;
    throw new UsageError(
      `URL ${index + 1} of ${source} is not like redis://host:port or rediss://host:port`,
    );
  }
  return urls;
}

/**
 * Makes nodes of URLs, each with a client of its own, which `close()` of the Redlock closes.
 * @throws UsageError if two of them have the same name, host:port
 */
export function nodesOf(urls: readonly string[]): RedisNode[] {
  const nodes = urls.map((url) => ioredisNodeFromUrl(url));
  const names = nodes.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice === undefined) return nodes;
  throw new UsageError(`the node ${twice} is given twice: name each node once`);
}

function isRedisUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return ['redis:', 'rediss:'].includes(protocol) && hostname !== '';
}
