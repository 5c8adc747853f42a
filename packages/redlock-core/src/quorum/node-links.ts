import { LONGEST_DEFAULT } from '../node/deadlines/node-timeout.js';
import { Stragglers } from '../node/deadlines/stragglers.js';
import type { GuardedNode } from '../node/guarded-node.js';
import { processKnowledge } from '../node/identity/known-servers.js';
import { QuarantineTime } from '../node/identity/quarantine-time.js';
import { RunIds } from '../node/identity/run-ids.js';
import type { LinkEvents } from '../node/link-context.js';
import { NodeLink } from '../node/node-link.js';
import { BatchEncoder } from '../protocol/batch.js';
import type { Settings } from '../settings/settings.js';
import type { Runtime } from '../time/runtime.js';
import { Tick } from '../time/tick.js';
import { readClocks } from '../time/validity.js';

export type LinkSettings = Pick<Settings, 'nodeTimeout' | 'quarantine' | 'quarantineTime'>;

export interface QuorumEvents extends LinkEvents {
  /** A ttl is longer than the quarantine time that the user chose; in ms. */
  exceeded(ttl: number): void;
}

/** The links to all nodes of a Redlock, and what they share. */
interface NodeLinks {
  readonly links: readonly NodeLink[];
  readonly stragglers: Stragglers;
  readonly quarantineTime: QuarantineTime;
  /** See {@link Quorum.longestAttempt}. */
  readonly longestAttempt: number;
}

/** An attempt has two rounds at most, a grant and a confirm. */
const ROUNDS = 2;

/**
 * A command is a straggler at this age at the latest, in ms: half of it is above a round trip on a fast network, and
 * all of it is below every default timeout.
 */
const STRAGGLER_AGE = 10;

export function linkNodes(
  nodes: readonly GuardedNode[],
  { nodeTimeout, quarantine, quarantineTime: given }: LinkSettings,
  runtime: Runtime,
  events: QuorumEvents,
): NodeLinks {
  const timeouts = nodes.map(({ timeout = nodeTimeout ?? Infinity }) => timeout);
  const longest = Math.max(LONGEST_DEFAULT, ...timeouts.filter((ms) => ms < Infinity));
  const longestAttempt = ROUNDS * longest;
  const stragglers = new Stragglers(runtime, Math.min(STRAGGLER_AGE, ...timeouts) / 2);
  const process = processKnowledge(runtime);
  const quarantineTime = new QuarantineTime(given, process, (ttl) => events.exceeded(ttl));
  const terms = {
    process,
    strict: quarantine === 'strict',
    time: quarantineTime,
    longestAttempt,
    born: readClocks(runtime),
  };
  const context = {
    runtime,
    tick: new Tick(runtime),
    encoder: new BatchEncoder(quarantineTime),
    stragglers,
    quarantine: quarantine === false ? null : terms,
    runIds: new RunIds(),
    events,
  };
  const links = nodes.map((node, index) => new NodeLink(index, node, nodeTimeout, context));
  return { links, stragglers, quarantineTime, longestAttempt };
}
