import type { ProbeKeys, Probed } from './probe-keys.js';

/** What a right serves, as in SECURITY.md. */
export type Purpose = 'lock' | 'fencing' | 'quarantine' | 'waiting' | 'sharing' | 'cluster';

/** A command that needs a right, and that changes nothing. */
export interface Probe {
  readonly purpose: Purpose;
  /** As ACL SETUSER takes it. */
  readonly right: string;
  readonly command: readonly string[];
  /** The key or the channel of the command. */
  readonly on: Probed | null;
}

const SHA_OF_NOTHING = '0'.repeat(40);

/**
 * One probe for each command, key pattern and channel that a purpose needs. The keys are missing, and no probe creates
 * one: `SET` and `ZADD` with `XX` write only to a key that exists. A server checks rights, and whether it takes writes at
 * all, before that.
 */
export function probesOf(keys: ProbeKeys, isCluster: boolean): readonly Probe[] {
  const { lock, fencing, waiting, shared, channel } = keys;
  const probes: Probe[] = [];
  const add = (purpose: Purpose, on: Probed | null, ...command: string[]): void => {
    probes.push({ purpose, right: rightOf(command), command, on });
  };
  const script = ['EVAL', 'return 1', '1'] as const;

  for (const key of [lock, waiting, shared]) add('lock', key, ...script, key.name);
  add('lock', lock, 'EVALSHA', SHA_OF_NOTHING, '1', lock.name);
  add('lock', lock, 'EXISTS', lock.name);
  add('lock', lock, 'GET', lock.name);
  add('lock', lock, 'MGET', lock.name);
  add('lock', lock, 'SET', lock.name, '', 'XX', 'PX', '1');
  add('lock', lock, 'DEL', lock.name);
  add('lock', lock, 'PEXPIRE', lock.name, '1');
  add('lock', lock, 'PTTL', lock.name);
  add('lock', null, 'TIME');
  add('lock', waiting, 'ZCARD', waiting.name);
  add('lock', waiting, 'ZRANGEBYSCORE', waiting.name, '0', '0');

  add('fencing', fencing, ...script, fencing.name);

  add('quarantine', null, 'INFO', 'server');

  add('waiting', waiting, 'ZADD', waiting.name, 'XX', '0', '');
  add('waiting', waiting, 'ZREM', waiting.name, '');
  add('waiting', waiting, 'ZRANGE', waiting.name, '0', '0');
  add('waiting', waiting, 'PEXPIREAT', waiting.name, '1');
  add('waiting', channel, 'PUBLISH', channel.name, '');
  add('waiting', null, 'PING');

  add('sharing', shared, 'ZADD', shared.name, 'XX', '0', '');
  add('sharing', shared, 'ZREM', shared.name, '');
  add('sharing', shared, 'ZRANGE', shared.name, '0', '0');
  add('sharing', shared, 'ZSCORE', shared.name, '');
  add('sharing', shared, 'ZREMRANGEBYSCORE', shared.name, '0', '0');
  add('sharing', shared, 'PEXPIREAT', shared.name, '1');

  if (isCluster) {
    add('cluster', null, 'CLUSTER', 'SLOTS');
    add('cluster', null, 'CLUSTER', 'INFO');
    add('cluster', null, 'ASKING');
  }
  return probes;
}

const CONTAINERS: ReadonlySet<string> = new Set(['CLUSTER']);

function rightOf([name = '', subcommand = '']: readonly string[]): string {
  const words = CONTAINERS.has(name) ? [name, subcommand] : [name];
  return `+${words.join('|').toLowerCase()}`;
}
