import { parseServerInfo } from '../protocol/server-info.js';
import type { RedisNode } from '../redis-node.js';
import type { ErrorData } from '../vote.js';
import { connectionFailure, Questions } from './questions.js';
import { readRights, type RightsFacts } from './rights.js';

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

/** The fields of `INFO` of one server. There is no `run_id` if the core would not accept it. */
export type ServerInfo = ReadonlyMap<string, string>;

/**
 * How far a clock is ahead of this machine's clock, in ms: at least `low`, at most `high`. The server made its reply at
 * an unknown moment of the round trip.
 */
export interface Offset {
  readonly low: number;
  readonly high: number;
}

/** All that checks know about one node. */
export interface NodeFacts extends RightsFacts {
  readonly name: string;
  /** The node's own timeout, in ms. */
  readonly timeout: number | undefined;
  readonly isCluster: boolean;
  /** Why it cannot be queried, and then nothing else is known; null: it answers. */
  readonly failure: ErrorData | null;
  /** One server, or each master of a Cluster; none without the right to INFO. */
  readonly servers: readonly ServerInfo[];
  /** Whether two INFO replies came from different servers. */
  readonly isBalanced: boolean;
  /** `appendfsync` of each; none without the right to CONFIG GET. */
  readonly fsyncs: readonly string[];
  /** Whether Sentinels watch the server. */
  readonly isWatched: boolean;
  /** One for each server; none without the right to TIME. */
  readonly offsets: readonly Offset[];
  /** The shortest of several, in ms; null: no reply came. An error is a reply as well. */
  readonly roundTrip: number | null;
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
  const failure = await connectionFailure(node, terms.wait);
  if (failure) return unknownNode(node, failure);
  const questions = new Questions(node, terms.wait);
  // An unresponsive node costs one wait, and not one for each question.
  const { error } = await questions.askServers('TIME');
  if (error?.code === 'TIMEOUT') return unknownNode(node, error);
  const [info, again, fsync, receivers, rights] = await Promise.all([
    questions.askServers('INFO'),
    questions.askServers('INFO'),
    questions.askServers('CONFIG', 'GET', 'appendfsync'),
    questions.askServers('PUBSUB', 'NUMSUB', SENTINEL_CHANNEL),
    readRights(questions, terms),
  ]);
  const servers = info.replies.map(serverInfoOf);
  const others = again.replies.map(serverInfoOf);
  return {
    ...unknownNode(node, null),
    // After everything else, which would lengthen the round trip.
    ...(await readClock(questions)),
    ...rights,
    servers,
    isBalanced: servers.some((server, index) => {
      const other = others[index] ?? server;
      return server.has('run_id') && server.get('run_id') !== other.get('run_id');
    }),
    fsyncs: fsync.replies.flatMap((reply) => wordsOf(reply).slice(1, 2)),
    isWatched: receivers.replies.some((reply) => Number(wordsOf(reply)[1]) > 0),
  };
}

/** A node of which no more is known. */
export function unknownNode(node: RedisNode, failure: ErrorData | null): NodeFacts {
  const { name, timeout, cluster } = node;
  return {
    name,
    timeout,
    isCluster: cluster !== undefined,
    failure,
    servers: [],
    isBalanced: false,
    fsyncs: [],
    isWatched: false,
    offsets: [],
    roundTrip: null,
    // The only command of a connection that a user may lack selects the database.
    missing: new Map(failure?.code === 'NOPERM' ? [['lock', ['+select']]] : []),
    hasLua: true,
    refusal: null,
  };
}

/**
 * @param reply to `INFO`
 * @returns its fields, and a field such as `module:name=search` for each module
 */
export function serverInfoOf(reply: unknown): ServerInfo {
  const lines = String(reply).matchAll(/^(module:name=\w+|[a-z_]+)[:,](.+?)\r?$/gm);
  const fields = new Map(Array.from(lines, ([, name = '', value = '']) => [name, value]));
  if (!hasIdentity(reply)) fields.delete('run_id');
  return fields;
}

/** As the quarantine reads it. Some proxies make one up of zeros. */
function hasIdentity(info: unknown): boolean {
  try {
    return !/^0+$/.test(parseServerInfo(info).runId);
  } catch {
    return false;
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

/** A pause of either machine lengthens some round trips, but rarely all of them. */
const SAMPLES = 7;

/** Reads the clocks of a node. The shortest round trip says the most about them. */
async function readClock(questions: Questions): Promise<Pick<NodeFacts, 'offsets' | 'roundTrip'>> {
  let offsets: readonly Offset[] = [];
  let shortest: number | null = null;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const [start, wall] = [performance.now(), Date.now()];
    const { replies, error } = await questions.askServers('TIME');
    const roundTrip = performance.now() - start;
    const end = Date.now();
    if (error?.code === 'TIMEOUT') break;
    if (shortest !== null && roundTrip >= shortest) continue;
    offsets = replies.map((time) => offsetOf(time, wall, end));
    shortest = roundTrip;
  }
  return { offsets, roundTrip: shortest };
}

function offsetOf(time: unknown, start: number, end: number): Offset {
  const [seconds, microseconds] = (time as unknown[]).map(Number);
  const ms = (seconds ?? 0) * 1000 + (microseconds ?? 0) / 1000;
  // This machine's clock has whole ms only, rounded down.
  return { low: ms - end - 1, high: ms - start };
}
