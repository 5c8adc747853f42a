import type { ErrorData } from '../../vote.js';
import type { NodeFacts, SetFacts, Terms } from '../facts.js';
import { type DoctorFinding, finding, type FindingCode } from '../finding.js';
import type { Purpose } from '../rights.js';

/** Finds nodes that cannot be asked anything: their servers are unreachable, or do not let the client in. */
export function reachability({ nodes }: SetFacts): readonly DoctorFinding[] {
  return nodes.flatMap(({ name, failure }) => (failure ? [unreachable(name, failure)] : []));
}

function unreachable(node: string, failure: ErrorData): DoctorFinding {
  const { code, message } = failure;
  const warn = (of: FindingCode, what: string, fix: string): DoctorFinding =>
    finding('warning', of, node, `no vote: ${what} (${messageOf(failure)})`, fix);
  if (code === 'NOPERM') {
    return warn(
      'MISSING_PERMISSION_LOCK',
      "the user has no right to the client's database",
      'ACL SETUSER (user) +select, or use database 0',
    );
  }
  if (/^(?:WRONGPASS|NOAUTH)$/.test(code) || /\bERR (?:AUTH|invalid password)/i.test(message)) {
    return warn(
      'WRONG_PASSWORD',
      'the server rejects the user or the password',
      'use the user and the password of this node: redis://USER:PASSWORD@HOST:PORT',
    );
  }
  if (/CERT|TLS|SSL|SIGNATURE|EPROTO/.test(code)) {
    return warn(
      'TLS_FAILED',
      'the TLS handshake failed',
      'trust the authority that signed the certificate: redlock --ca FILE, NODE_EXTRA_CA_CERTS=FILE, or the option ' +
        'tls.ca of the client; use redis:// for a server without TLS',
    );
  }
  return warn(
    'UNREACHABLE',
    'the server is unreachable',
    'start the server; check address, port and firewall; use rediss:// for a server with TLS, redis:// for one without',
  );
}

const FIXES: Readonly<Record<string, string>> = {
  OOM: 'CONFIG SET maxmemory to more, or remove data other than locks',
  MISCONF: 'make room on the disk of the server; its log says why it cannot write',
  NOREPLICAS: 'reconnect the replicas, as many as min-replicas-to-write says',
  LOADING: 'wait until the server has loaded its data',
  BUSY: 'end the script that blocks the server: SCRIPT KILL',
  CLUSTERDOWN: 'restart the masters of the Cluster; CLUSTER INFO says what is missing',
};

/** Finds servers without Lua, and servers that refuse writes to every user. Other checks report replicas and members. */
export function writes({ nodes }: SetFacts): readonly DoctorFinding[] {
  return nodes.flatMap(({ name, hasLua, refusal, servers, isCluster }) => {
    if (!hasLua) {
      return [
        finding(
          'warning',
          'NO_LUA',
          name,
          'no vote: the server does not run Lua scripts (EVAL is an unknown command), and every lock is a script',
          'use a server with Lua, and do not rename or disable EVAL and EVALSHA',
        ),
      ];
    }
    const isReported = servers.some(
      ({ isReplica, isClusterMember }) => isReplica || (isClusterMember && !isCluster),
    );
    if (!refusal || isReported) return [];
    const fix = FIXES[refusal.code] ?? "fix what the server's message says";
    const message = `no vote: the server refuses the commands of a lock (${messageOf(refusal)})`;
    return [finding('warning', 'REFUSED', name, message, fix)];
  });
}

function messageOf({ code, message }: ErrorData): string {
  return message.startsWith(code) ? message : `${code}: ${message}`;
}

interface Use {
  readonly code: FindingCode;
  /** The effect of each missing right whose effect differs from `otherwise`. */
  readonly without?: Readonly<Record<string, string>>;
  /** The effect of any other missing right. */
  readonly otherwise: string;
  /** Whether programs with these terms do not need the rights. */
  readonly isUnused?: (terms: Terms) => boolean;
}

const USES: Readonly<Record<Purpose, Use>> = {
  lock: {
    code: 'MISSING_PERMISSION_LOCK',
    without: {
      '+del': 'locks stay on the node until their ttl has passed, and release returns false',
      '+pexpire': 'locks are granted and cannot be extended',
    },
    otherwise: 'the node grants no lock',
  },
  fencing: {
    code: 'MISSING_PERMISSION_FENCING',
    otherwise: 'the node grants no lock, unless fencing is false',
    isUnused: ({ fencing }) => !fencing,
  },
  quarantine: {
    code: 'MISSING_PERMISSION_QUARANTINE',
    otherwise:
      'a restart without data would go unnoticed, so no grant of the node counts, unless quarantine is false',
    isUnused: ({ quarantine }) => quarantine === false,
  },
  waiting: {
    code: 'MISSING_PERMISSION_WAITING',
    without: {
      '+ping': "a waiter's connection for subscriptions is replaced every 5 s",
      '+unsubscribe': 'a waiter keeps receiving notifications that it no longer needs',
    },
    otherwise: 'waiters are not notified and poll, so locks are handed over late and out of order',
  },
  sharing: {
    code: 'MISSING_PERMISSION_SHARING',
    otherwise: "the node grants no lock with mode: 'shared'",
  },
  cluster: {
    code: 'MISSING_PERMISSION_CLUSTER',
    without: { '+asking': 'while a slot of the Cluster moves, its locks cannot be extended' },
    otherwise: 'the client may not find the masters of the Cluster',
  },
};

const WITH_PREFIX =
  '; or, if the names of all resources begin alike, give that prefix: --key-prefix, or keyPrefix in a program';

/** Finds rights that the user of a node lacks. */
export function missingPermissions({ nodes, terms }: SetFacts): readonly DoctorFinding[] {
  return nodes.flatMap(({ name, missing }) =>
    Object.entries(USES).flatMap(([purpose, use]) => {
      const rights = missing.filter((each) => each.purpose === purpose).map(({ right }) => right);
      if (rights.length === 0 || use.isUnused?.(terms)) return [];
      return [missingPermission(name, use, rights, terms)];
    }),
  );
}

function missingPermission(
  node: string,
  { code, without, otherwise }: Use,
  rights: readonly string[],
  { keyPrefix }: Terms,
): DoctorFinding {
  const effects = new Set(rights.map((right) => without?.[right] ?? otherwise));
  const effect = effects.has(otherwise) ? otherwise : [...effects].join('; ');
  const list = rights.join(' ');
  const needsPrefix = keyPrefix === '' && rights.some((right) => !right.startsWith('+'));
  const fix = `ACL SETUSER (user) ${list}${needsPrefix ? WITH_PREFIX : ''}`;
  return finding('warning', code, node, `the user lacks ${list}: ${effect}`, fix);
}

/** Finds nodes that other checks cannot judge, because the user has no right to INFO. */
export function visibility({ nodes }: SetFacts): readonly DoctorFinding[] {
  const unseen = nodes.filter(
    ({ failure, servers }: NodeFacts) => !failure && servers.length === 0,
  );
  return unseen.map(({ name }) =>
    finding(
      'info',
      'NOT_CHECKED',
      name,
      'the user has no right to INFO: not checked whether the server is independent, persistent, replicated, ' +
        'evicting, or too old',
      'run the doctor as a user with +info',
    ),
  );
}
