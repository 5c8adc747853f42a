import type { Vote } from '../vote.js';

/** Error replies that stay until an operator changes something, by code, with what to do. */
const FIXES: Readonly<Record<string, string>> = {
  NOPERM: 'Give the user the rights that SECURITY.md lists.',
  NOAUTH: 'Give the client the user and the password of the server.',
  WRONGPASS: 'Give the client the right user and password.',
  OOM: 'Raise maxmemory or free memory on the server.',
  MISCONF: 'Fix what keeps the server from saving its data.',
  READONLY: 'Connect the client to the master, not to a replica.',
  NOREPLICAS: 'Reconnect the replicas of the server, or lower min-replicas-to-write.',
  WRONGTYPE: 'Another program uses a key of this name: choose another keyPrefix.',
};

const NO_LUA = /^ERR unknown command\W+eval/i;
const NO_LUA_FIX = 'The server runs no Lua scripts: use one that does.';

/**
 * Why nodes refuse an operation, if waiting does not change that: `a, b answer NOPERM. Give the user …`; `undefined` if
 * another failure is among them. Without this, an operator would look for an unreachable server.
 */
export function lastingErrorIn(votes: readonly Vote[]): string | undefined {
  const failures = votes.flatMap(({ node, error }) =>
    error ? [{ node, error, fix: fixOf(error) }] : [],
  );
  const [first] = failures;
  if (!first || failures.some(({ fix }) => fix === undefined)) return undefined;
  const { error, fix } = first;
  const nodes = failures.filter((each) => each.fix === fix).map(({ node }) => node);
  return `${nodes.join(', ')} ${nodes.length > 1 ? 'answer' : 'answers'} ${error.code}. ${fix}`;
}

function fixOf({ code, message }: NonNullable<Vote['error']>): string | undefined {
  return NO_LUA.test(message) ? NO_LUA_FIX : FIXES[code];
}
