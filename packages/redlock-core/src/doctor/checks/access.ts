import { NodeTimeout, timeoutTermsOf } from '../../node/timeouts.js';
import { quorumOf } from '../../quorum/verdict.js';
import type { ErrorData } from '../../vote.js';
import type { Check } from '../check.js';
import type { NodeFacts, Terms } from '../facts.js';
import type { Purpose } from '../rights.js';
import { isMember, isReplica } from './topology.js';

/** Rights without which a node still grants locks. */
const OPTIONAL = new Set(['+del', '+pexpire']);

function canVote(node: NodeFacts, terms: Terms): boolean {
  const { failure, refusal, servers, missing, hasLua, roundTrip } = node;
  const needed = (['lock', 'fencing', 'quarantine'] as const).flatMap(
    (of) => missing.get(of) ?? [],
  );
  return (
    failure === null &&
    refusal === null &&
    hasLua &&
    !servers.some((server) => isReplica(server) || isMember(server, node)) &&
    needed.every((right) => OPTIONAL.has(right)) &&
    (roundTrip ?? 0) < timeoutOf(node, terms)
  );
}

/** How long a command may take on a node, in ms, by the round trip that was measured on it; null: none was yet. */
export function timeoutOf(
  { timeout, roundTrip }: Pick<NodeFacts, 'timeout' | 'roundTrip'>,
  { nodeTimeout, ttl }: Terms,
): number {
  const limit = new NodeTimeout(timeout ?? nodeTimeout);
  if (roundTrip !== null) limit.measured(roundTrip);
  return limit.of(timeoutTermsOf({ verb: 'acquire', ttl }));
}

type FailureKind = 'UNREACHABLE' | 'WRONG_PASSWORD' | 'TLS_FAILED' | 'NO_DATABASE';

function kindOf({ code, message }: ErrorData): FailureKind {
  if (code === 'NOPERM') return 'NO_DATABASE';
  if (/^(?:WRONGPASS|NOAUTH)$/.test(code)) return 'WRONG_PASSWORD';
  if (/\bERR (?:AUTH|invalid password)/i.test(message)) return 'WRONG_PASSWORD';
  return /CERT|TLS|SSL|SIGNATURE|EPROTO/.test(code) ? 'TLS_FAILED' : 'UNREACHABLE';
}

/** A node that cannot be queried, because its server is unreachable, or does not let the client in. */
function failed(kind: FailureKind, what: string, fix: string): Check {
  return {
    level: 'warning',
    fix,
    node: ({ failure }) =>
      failure && kindOf(failure) === kind && `no vote: ${what} (${messageOf(failure)})`,
  };
}

function messageOf({ code, message }: ErrorData): string {
  return message.startsWith(code) ? message : `${code}: ${message}`;
}

const REFUSALS: Readonly<Record<string, string>> = {
  OOM: 'CONFIG SET maxmemory to more, or remove data other than locks',
  MISCONF: 'make room on the disk of the server; its log says why it cannot write',
  NOREPLICAS: 'reconnect the replicas, as many as min-replicas-to-write says',
  LOADING: 'wait until the server has loaded its data',
  BUSY: 'end the script that blocks the server: SCRIPT KILL',
  CLUSTERDOWN: 'restart the masters of the Cluster; CLUSTER INFO says what is missing',
};

const WITH_PREFIX =
  '; or, if the names of all resources begin alike, give that prefix: --key-prefix, or keyPrefix in a program';

/**
 * Rights for one purpose that the user of a node lacks.
 * @param otherwise the effect of a right that is not in `without`
 */
function permission(
  purpose: Purpose,
  otherwise: string,
  without: Readonly<Record<string, string>> = {},
): Check {
  return {
    level: 'warning',
    fix: 'ACL SETUSER (user)',
    node({ missing }, { terms: { keyPrefix } }) {
      const rights = missing.get(purpose);
      if (!rights) return null;
      const effects = new Set(rights.map((right) => without[right] ?? otherwise));
      const effect = effects.has(otherwise) ? otherwise : [...effects].join('; ');
      const needsPrefix = keyPrefix === '' && rights.some((right) => !right.startsWith('+'));
      const list = rights.join(' ');
      return {
        message: `the user lacks ${list}: ${effect}`,
        fix: `ACL SETUSER (user) ${list}${needsPrefix ? WITH_PREFIX : ''}`,
      };
    },
  };
}

/** Whether nodes answer, and do for this user what locks need. */
export const ACCESS = {
  NO_QUORUM: {
    level: 'error',
    fix: 'first fix what the findings about these nodes say',
    set({ nodes, terms }) {
      const needed = quorumOf(nodes.length);
      const others = nodes.filter((node) => !canVote(node, terms)).map(({ name }) => name);
      const voters = nodes.length - others.length;
      return (
        voters < needed &&
        `no lock can be acquired: ${voters} of ${nodes.length} nodes can vote, and a lock needs ${needed}; ` +
          `no vote from ${others.join(', ')}`
      );
    },
  },
  UNREACHABLE: failed(
    'UNREACHABLE',
    'the server is unreachable',
    'start the server; check address, port and firewall; use rediss:// for a server with TLS, redis:// for one without',
  ),
  WRONG_PASSWORD: failed(
    'WRONG_PASSWORD',
    'the server rejects the user or the password',
    'use the user and the password of this node: redis://USER:PASSWORD@HOST:PORT',
  ),
  TLS_FAILED: failed(
    'TLS_FAILED',
    'the TLS handshake failed',
    'trust the authority that signed the certificate: redlock --ca FILE, NODE_EXTRA_CA_CERTS=FILE, or the option ' +
      'tls.ca of the client; use redis:// for a server without TLS',
  ),
  NO_LUA: {
    level: 'warning',
    fix: 'use a server with Lua, and do not rename or disable EVAL and EVALSHA',
    node: ({ hasLua }) =>
      !hasLua &&
      'no vote: the server does not run Lua scripts (EVAL is an unknown command), and every lock is a script',
  },
  REFUSED: {
    level: 'warning',
    fix: "fix what the server's message says",
    node(node) {
      const { hasLua, refusal, servers } = node;
      // A replica, a member of a Cluster and a server without Lua have findings of their own.
      const isKnown = servers.some((server) => isReplica(server) || isMember(server, node));
      if (!refusal || !hasLua || isKnown) return null;
      const message = `no vote: the server refuses the commands of a lock (${messageOf(refusal)})`;
      const fix = REFUSALS[refusal.code];
      return fix === undefined ? message : { message, fix };
    },
  },
  MISSING_PERMISSION_LOCK: permission('lock', 'the node grants no lock', {
    '+del': 'locks stay on the node until their ttl has passed, and release returns false',
    '+pexpire': 'locks are granted and cannot be extended',
    '+select': 'no vote, because the client cannot use its database; database 0 needs no right',
  }),
  MISSING_PERMISSION_FENCING: permission(
    'fencing',
    'the node grants no lock, unless fencing is false',
  ),
  MISSING_PERMISSION_QUARANTINE: permission(
    'quarantine',
    'a restart without data would go unnoticed, so no grant of the node counts, unless quarantine is false',
  ),
  MISSING_PERMISSION_WAITING: permission(
    'waiting',
    'waiters are not notified and poll, so locks are handed over late and out of order',
    {
      '+ping': "a waiter's connection for subscriptions is replaced every 5 s",
      '+unsubscribe': 'a waiter keeps receiving notifications that it no longer needs',
    },
  ),
  MISSING_PERMISSION_SHARING: permission('sharing', "the node grants no lock with mode: 'shared'"),
  MISSING_PERMISSION_CLUSTER: permission(
    'cluster',
    'the client may not find the masters of the Cluster',
    { '+asking': 'while a slot of the Cluster moves, its locks cannot be extended' },
  ),
  NOT_CHECKED: {
    level: 'info',
    fix: 'run the doctor as a user with +info',
    node: ({ failure, servers }) =>
      !failure &&
      servers.length === 0 &&
      'the user has no right to INFO: not checked whether the server is independent, persistent, replicated, ' +
        'evicting, or too old',
  },
} satisfies Readonly<Record<string, Check>>;
