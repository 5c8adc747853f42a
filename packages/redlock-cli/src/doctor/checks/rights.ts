import type { Finding, FindingCode } from '../diagnosis.js';
import type { NodeFacts } from '../facts/node-facts.js';
import type { Purpose } from '../facts/probes.js';
import type { Terms } from '../terms.js';
import type { Check } from './check.js';

interface Use {
  readonly code: FindingCode;
  /** The effect of each missing right that has one of its own. */
  readonly without: Readonly<Record<string, string>>;
  /** The effect of any other missing right. */
  readonly otherwise: string;
  /** Whether programs with these terms do without. */
  readonly isUnused?: (terms: Terms) => boolean;
}

const USES: Readonly<Record<Purpose, Use>> = {
  lock: {
    code: 'NO_RIGHTS_LOCK',
    without: {
      '+del': 'locks stay on the node until their ttl is over, and release says false',
      '+pexpire': 'locks are granted and not extended',
    },
    otherwise: 'the node grants no lock',
  },
  fencing: {
    code: 'NO_RIGHTS_FENCING',
    without: {},
    otherwise: 'the node grants no lock, unless fencing is false',
    isUnused: ({ fencing }) => !fencing,
  },
  quarantine: {
    code: 'NO_RIGHTS_QUARANTINE',
    without: {},
    otherwise:
      'a restart without data would go unnoticed, so no grant of the node counts, unless quarantine is false',
    isUnused: ({ quarantine }) => quarantine === false,
  },
  waiting: {
    code: 'NO_RIGHTS_WAITING',
    without: {
      '+ping': "a waiter's connection for subscriptions is replaced every 5 s",
      '+unsubscribe': 'a waiter goes on hearing of locks that it no longer waits for',
    },
    otherwise: 'waiters are not notified and poll, so locks are handed over late and in no order',
  },
  sharing: {
    code: 'NO_RIGHTS_SHARING',
    without: {},
    otherwise: "the node grants no lock with mode: 'shared'",
  },
  cluster: {
    code: 'NO_RIGHTS_CLUSTER',
    without: { '+asking': 'while a slot of the Cluster moves, its locks are not extended' },
    otherwise: 'the client may not find the masters of the Cluster',
  },
};

const PREFIX =
  '; or, if all names of your resources begin alike, say how: --prefix on the command line, keyPrefix in a program';

/** Finds rights that the user of a node lacks. */
export const rights: Check = ({ nodes, terms }) =>
  nodes.flatMap((node) =>
    Object.entries(USES).flatMap(([purpose, use]) => {
      if (use.isUnused?.(terms)) return [];
      const missing = rightsFor(purpose, node);
      return missing.length > 0 ? [findingOf(node.name, use, missing, terms)] : [];
    }),
  );

function rightsFor(purpose: string, { missing }: NodeFacts): string[] {
  return missing.filter((each) => each.purpose === purpose).map(({ right }) => right);
}

function findingOf(
  node: string,
  { code, without, otherwise }: Use,
  missing: readonly string[],
  { keyPrefix }: Terms,
): Finding {
  const results = new Set(missing.map((right) => without[right] ?? otherwise));
  const list = missing.join(' ');
  return {
    level: 'warning',
    code,
    node,
    message: `the user lacks ${list}: ${results.has(otherwise) ? otherwise : [...results].join('; ')}`,
    remedy: `ACL SETUSER (user) ${list}${keyPrefix === '' && isPattern(missing) ? PREFIX : ''}`,
  };
}

function isPattern(missing: readonly string[]): boolean {
  return missing.some((right) => !right.startsWith('+'));
}
