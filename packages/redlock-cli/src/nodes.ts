import type { RedisNode } from 'redlock-core';
import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';
import { UsageError } from './usage-error.js';

const VARIABLE = 'REDLOCK_NODES';
const EXAMPLE = 'redis://redis-1:6379,redis://redis-2:6379,redis://redis-3:6379';

/**
 * Makes nodes of the URLs in `--nodes`, or else in the environment, each with a client of its own, which connects when it
 * is first needed and which `close()` of the Redlock closes.
 * @param given the value of `--nodes`, if it was given
 * @throws UsageError if there are none, one of them cannot be, or two have the same name, host:port; the message never
 *   shows a URL, which may hold a password
 */
export function nodesOf(given: string | undefined, environment: NodeJS.ProcessEnv): RedisNode[] {
  const list = given ?? environment[VARIABLE] ?? '';
  const urls = list.split(',').flatMap((url) => url.trim() || []);
  if (urls.length === 0) {
    throw new UsageError(`no nodes are given: use --nodes or set ${VARIABLE}, as in ${EXAMPLE}`);
  }
  const source = given === undefined ? VARIABLE : '--nodes';
  // A password with a comma has been split. Its second part has no scheme.
  const hint = urls.every((url) => url.includes('://'))
    ? ''
    : '. A comma in a password is written as %2C.';
  const nodes = urls.map((url, index) => nodeOf(url, `URL ${index + 1} of ${source}`, hint));
  const names = nodes.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice === undefined) return nodes;
  throw new UsageError(`the node ${twice} is given twice: name each node once`);
}

/**
 * @param place where the URL was found
 * @param hint is added to the message of a URL that cannot be
 */
function nodeOf(url: string, place: string, hint: string): RedisNode {
  try {
    return ioredisNodeFromUrl(url);
  } catch (error) {
    throw new UsageError(`${place}: ${(error as Error).message}${hint}`);
  }
}
