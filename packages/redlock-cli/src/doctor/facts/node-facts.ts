import type { ErrorData, RedisNode } from 'redlock-core';
import type { Terms } from '../terms.js';
import { type Answer, Questions } from './answer.js';
import { type ClockFacts, readClock } from './clock.js';
import { connectionFailure } from './connection.js';
import { readHearing } from './hearing.js';
import { serverFactsIn, type ServerFacts } from './info.js';
import { probeKeysOf } from './probe-keys.js';
import { probesOf } from './probes.js';
import { readRights, type RightsFacts } from './rights.js';
import { wordsOf } from './words.js';

/** All that checks know about one node. */
export interface NodeFacts extends ClockFacts, RightsFacts {
  readonly name: string;
  /** How long one command may take, in ms, if the node has a time of its own. */
  readonly timeout: number | undefined;
  readonly isCluster: boolean;
  /** Why it cannot be asked anything, and then nothing else is known; null: it answers. */
  readonly failure: ErrorData | null;
  /** One server, or each master of a Cluster; none if the user may not ask for `INFO`. */
  readonly servers: readonly ServerFacts[];
  /** `appendfsync` of each; none if the user may not ask for it. */
  readonly fsyncs: readonly string[];
  /** Whether Sentinels watch the server. */
  readonly isWatched: boolean;
}

/** What is known of the nodes, and what they are for. */
export interface SetFacts {
  readonly nodes: readonly NodeFacts[];
  readonly terms: Terms;
}

/** Where Sentinels speak to one another, through the server that they watch. */
const SENTINEL_CHANNEL = '__sentinel__:hello';

/** Asks one node everything, once. Leaves nothing behind on it. */
export async function readNodeFacts(node: RedisNode, terms: Terms): Promise<NodeFacts> {
  const { wait } = terms;
  const failure = await connectionFailure(node, wait);
  if (failure) return unknownNode(node, failure);
  const questions = new Questions(node, wait);
  // A node that is silent costs one wait, and not one for each question.
  const { error } = await questions.askServers('TIME');
  if (error?.code === 'TIMEOUT') return unknownNode(node, error);
  const isCluster = node.cluster ?? false;
  const keys = probeKeysOf(terms.keyPrefix, node.keyPrefix ?? '');
  const [info, fsync, listeners, rights, unheard] = await Promise.all([
    questions.askServers('INFO'),
    questions.askServers('CONFIG', 'GET', 'appendfsync'),
    questions.askServers('PUBSUB', 'NUMSUB', SENTINEL_CHANNEL),
    readRights(questions, probesOf(keys, isCluster)),
    readHearing(node, questions, keys.channel.name, wait),
  ]);
  const missesChannel = rights.missing.some(({ right }) => right === keys.channel.pattern);
  return {
    ...unknownNode(node, null),
    // With nothing else under way, or the round trip would look longer than it is.
    ...(await readClock(questions)),
    ...rights,
    // A channel that may not be used cannot be heard, whatever the right to subscribe is.
    missing: [...rights.missing, ...(unheard && !missesChannel ? [unheard] : [])],
    servers: repliesOf(info).map(serverFactsIn),
    fsyncs: repliesOf(fsync).flatMap((reply) => wordsOf(reply).slice(1, 2)),
    isWatched: repliesOf(listeners).some((reply) => Number(wordsOf(reply)[1]) > 0),
  };
}

/** A node of which only so much is known. */
export function unknownNode(node: RedisNode, failure: ErrorData | null): NodeFacts {
  const { name, timeout, cluster = false } = node;
  return {
    name,
    timeout,
    isCluster: cluster,
    failure,
    servers: [],
    fsyncs: [],
    isWatched: false,
    offsets: [],
    roundTrip: null,
    missing: [],
    refusal: null,
  };
}

function repliesOf({ reply = [] }: Answer<readonly unknown[]>): readonly unknown[] {
  return reply;
}
