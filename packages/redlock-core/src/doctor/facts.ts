import { GuardedNode } from '../node/guarded-node.js';
import { parseServerInfo } from '../protocol/server-info.js';
import type { RedisNode } from '../redis-node.js';
import type { ErrorData } from '../vote.js';
import { type ClockFacts, readClock } from './clock.js';
import { type Answer, connectionFailure, Questions } from './questions.js';
import { probesOf, readRights, type RightsFacts, targetsOf } from './rights.js';
import { missingSubscription } from './subscription.js';

/** The options of a diagnosis, with their defaults. Times are in ms. */
export interface Terms {
  readonly ttl: number;
  /** How long to wait for a connection, and for each reply. */
  readonly wait: number;
  readonly keyPrefix: string;
  readonly nodeTimeout: number | undefined;
  readonly fencing: boolean;
  readonly quarantine: boolean | 'strict';
  readonly quarantineTime: number;
}

/** What `INFO` says about one server, as far as locks depend on it. */
export interface ServerFacts {
  /** A random id, which changes each time the server starts; null: it shows none, as some proxies do. */
  readonly runId: string | null;
  /** A random id that a master shares with its replicas. */
  readonly replicationId: string | null;
  /** The version of Redis; a Valkey reports which Redis it is compatible with. */
  readonly version: string | null;
  /** The version of Dragonfly; null: it is another server. */
  readonly dragonfly: string | null;
  /** Whether it accepts writes that other masters do not know, as active replicas of KeyDB do. */
  readonly isMultiMaster: boolean;
  readonly isReplica: boolean;
  /** host:port of the master of a replica. */
  readonly master: string | null;
  /** How many replicas are connected. */
  readonly replicas: number;
  /** Whether it accepts writes only while enough replicas follow it. */
  readonly isGuarded: boolean;
  readonly isClusterMember: boolean;
  readonly hasAppendOnlyFile: boolean;
  /** In bytes; 0: no limit. */
  readonly maxMemory: number;
  readonly usedMemory: number;
  readonly evictionPolicy: string | null;
}

/** All that checks know about one node. */
export interface NodeFacts extends ClockFacts, RightsFacts {
  readonly name: string;
  /** The node's own timeout, in ms. */
  readonly timeout: number | undefined;
  readonly isCluster: boolean;
  /** Why it cannot be asked anything, and then nothing else is known; null: it answers. */
  readonly failure: ErrorData | null;
  /** One server, or each master of a Cluster; none without the right to INFO. */
  readonly servers: readonly ServerFacts[];
  /** Whether two INFO replies came from different servers. */
  readonly isBalanced: boolean;
  /** `appendfsync` of each; none without the right to CONFIG GET. */
  readonly fsyncs: readonly string[];
  /** Whether Sentinels watch the server. */
  readonly isWatched: boolean;
}

/** What is known of the nodes, and what they are for. */
export interface SetFacts {
  readonly nodes: readonly NodeFacts[];
  readonly terms: Terms;
}

/** The channel through which Sentinels find one another, on the server that they watch. */
const SENTINEL_CHANNEL = '__sentinel__:hello';

/** Asks one node everything, once. Leaves nothing behind on it. */
export async function readNodeFacts(node: RedisNode, terms: Terms): Promise<NodeFacts> {
  const { wait, keyPrefix } = terms;
  const failure = await connectionFailure(node, wait);
  if (failure) return unknownNode(node, failure);
  const guarded = new GuardedNode(node);
  const questions = new Questions(guarded, wait);
  // An unresponsive node costs one wait, and not one for each question.
  const { error } = await questions.askServers('TIME');
  if (error?.code === 'TIMEOUT') return unknownNode(node, error);
  const targets = targetsOf(keyPrefix, guarded.keyPrefix);
  const [info, again, fsync, receivers, rights, subscription] = await Promise.all([
    questions.askServers('INFO'),
    questions.askServers('INFO'),
    questions.askServers('CONFIG', 'GET', 'appendfsync'),
    questions.askServers('PUBSUB', 'NUMSUB', SENTINEL_CHANNEL),
    readRights(questions, probesOf(targets, guarded.cluster)),
    missingSubscription(questions, targets.channel.name),
  ]);
  const servers = repliesOf(info).map(serverFactsIn);
  const others = repliesOf(again).map(serverFactsIn);
  // Without the right to the channel, SUBSCRIBE fails whether it is permitted or not.
  const isChannelMissing = rights.missing.some(({ right }) => right === targets.channel.pattern);
  const right = isChannelMissing ? null : subscription;
  return {
    ...unknownNode(node, null),
    // After everything else, which would lengthen the round trip.
    ...(await readClock(questions)),
    ...rights,
    missing: [...rights.missing, ...(right ? [{ purpose: 'waiting', right } as const] : [])],
    servers,
    isBalanced: others.some(({ runId }, index) => runId !== (servers[index]?.runId ?? runId)),
    fsyncs: repliesOf(fsync).flatMap((reply) => wordsOf(reply).slice(1, 2)),
    isWatched: repliesOf(receivers).some((reply) => Number(wordsOf(reply)[1]) > 0),
  };
}

/** A node of which no more is known. */
export function unknownNode(node: RedisNode, failure: ErrorData | null): NodeFacts {
  const { name, timeout, cluster } = new GuardedNode(node);
  return {
    name,
    timeout,
    isCluster: cluster,
    failure,
    servers: [],
    isBalanced: false,
    fsyncs: [],
    isWatched: false,
    offsets: [],
    roundTrip: null,
    missing: [],
    hasLua: true,
    refusal: null,
  };
}

function repliesOf({ reply = [] }: Answer<readonly unknown[]>): readonly unknown[] {
  return reply;
}

/** @param info the reply to `INFO` */
export function serverFactsIn(info: unknown): ServerFacts {
  const reply = String(info);
  const lines = reply.matchAll(/^([a-z_]+):(.*?)\r?$/gm);
  const fields = new Map(Array.from(lines, ([, name = '', value = '']) => [name, value]));
  const text = (name: string): string | null => fields.get(name) || null;
  const number = (name: string): number => Number(fields.get(name) ?? 0);
  const isReplica = text('role') === 'slave';
  return {
    runId: runIdIn(reply),
    replicationId: text('master_replid'),
    version: text('redis_version'),
    dragonfly: text('dragonfly_version'),
    // KeyDB, and the module of active-active databases of Redis Enterprise.
    isMultiMaster: text('role') === 'active-replica' || /^module:name=crdt\b/m.test(reply),
    isReplica,
    master: isReplica ? `${text('master_host')}:${text('master_port')}` : null,
    replicas: number('connected_slaves'),
    // The field is there only if min-replicas-to-write and min-replicas-max-lag are set.
    isGuarded: fields.has('min_slaves_good_slaves'),
    isClusterMember: number('cluster_enabled') === 1,
    hasAppendOnlyFile: number('aof_enabled') === 1,
    maxMemory: number('maxmemory'),
    usedMemory: number('used_memory'),
    evictionPolicy: text('maxmemory_policy'),
  };
}

/** As the quarantine reads it. Some proxies make one up of zeros. */
function runIdIn(info: string): string | null {
  try {
    const { runId } = parseServerInfo(info);
    return /^0+$/.test(runId) ? null : runId;
  } catch {
    return null;
  }
}

/**
 * The words of a reply that names values: a list, or as of RESP3 a map, of which clients make an object, a Map or a list of
 * keys and values.
 */
export function wordsOf(reply: unknown): readonly string[] {
  if (Array.isArray(reply)) return reply.flatMap(wordsOf);
  if (reply instanceof Map) return wordsOf([...reply]);
  if (typeof reply !== 'object' || reply === null) return [String(reply)];
  const isPair = 'key' in reply && 'value' in reply;
  return wordsOf(isPair ? [reply.key, reply.value] : Object.entries(reply));
}
