import type { Finding, Level } from '../diagnosis.js';
import type { NodeFacts } from '../facts/node-facts.js';
import type { Terms } from '../terms.js';
import type { Check } from './check.js';

const REMEDY =
  'CONFIG SET appendonly yes and CONFIG SET appendfsync always, and the same lines in redis.conf';

/** Finds servers that may forget locks when they restart, and says whether quarantine makes up for it. */
export const persistence: Check = ({ nodes, terms }) =>
  nodes.flatMap((node) => findingOf(node, terms) ?? []);

function findingOf({ name, servers, fsyncs }: NodeFacts, terms: Terms): Finding | null {
  if (servers.length === 0) return null;
  const level = levelOf(terms);
  const result = consequenceOf(terms);
  if (servers.some(({ hasAppendOnlyFile }) => !hasAppendOnlyFile)) {
    return {
      level,
      code: 'NO_PERSISTENCE',
      node: name,
      message: `it writes no append-only file, so it forgets all locks when it restarts: ${result}`,
      remedy: remedyOf(terms),
    };
  }
  const relaxed = fsyncs.find((fsync) => fsync !== 'always');
  if (relaxed !== undefined) {
    return {
      level,
      code: 'RELAXED_FSYNC',
      node: name,
      message: `appendfsync is ${relaxed}, so it forgets the latest locks when its machine fails: ${result}`,
      remedy: remedyOf(terms),
    };
  }
  if (fsyncs.length > 0 || terms.quarantine === 'strict') return null;
  return {
    level: terms.quarantine ? 'note' : 'warning',
    code: 'UNKNOWN_FSYNC',
    node: name,
    message:
      'the user may not CONFIG GET appendfsync; unless it is always, the node forgets the latest locks when its ' +
      `machine fails: ${result}`,
    remedy: 'check it as an administrator: CONFIG GET appendfsync',
  };
}

function levelOf({ quarantine }: Terms): Level {
  if (quarantine === 'strict') return 'note';
  return quarantine ? 'warning' : 'unsound';
}

/** The effect of a node that forgets, as docs/restarts.md has it. */
function consequenceOf({ quarantine, quarantineTime }: Terms): string {
  if (quarantine === false) {
    return 'without quarantine, it then grants locks that are still held';
  }
  const away = `its grants then do not count for ${quarantineTime} ms`;
  if (quarantine === 'strict') return away;
  return `${away}, but a process that starts after the restart does not know of it, and may take a lock that is held`;
}

function remedyOf({ quarantine }: Terms): string {
  if (quarantine === 'strict') return `${REMEDY}, and no vote is missing after a restart`;
  const other = "set quarantine: 'strict' in every program that uses these nodes";
  return quarantine ? `${REMEDY}; or ${other}` : `${REMEDY}; or leave quarantine on: ${other}`;
}
