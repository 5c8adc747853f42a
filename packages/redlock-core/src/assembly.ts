import { Attempts } from './attempt/attempt.js';
import { Cancellation } from './attempt/cancellation.js';
import { Acquisition } from './lock/acquisition.js';
import { Callers } from './lock/callers.js';
import { Emitter } from './lock/emitter.js';
import { HeldLock } from './lock/handle.js';
import type { Lease, LeaseServices } from './lock/lease.js';
import { Ownership } from './lock/ownership.js';
import { Requests } from './lock/requests.js';
import { Routines } from './lock/routines.js';
import { Watchdog } from './lock/watchdog.js';
import { GuardedNode } from './node/guarded-node.js';
import type { RedlockOptions } from './options.js';
import { tokenOf } from './protocol/owner.js';
import { Quorum } from './quorum/quorum.js';
import type { RedisNode } from './redis-node.js';
import { parseNodes } from './settings/node-list.js';
import { parseRedlockOptions, type Settings } from './settings/settings.js';
import { publishNotices } from './telemetry/notices.js';
import type { Runtime } from './time/runtime.js';
import { CallChannels } from './waiting/call-channels.js';
import { Tickets } from './waiting/tickets.js';
import { WaitingLines } from './waiting/waiting-lines.js';
import { shortQuarantine } from './warnings/dangers.js';
import { Warnings } from './warnings/warnings.js';

/** The parts of one Redlock that its methods use. */
export interface Assembly extends LeaseServices {
  readonly settings: Settings;
  readonly keyPrefix: string;
  readonly callers: Callers;
  readonly requests: Requests;
  readonly routines: Routines;
  readonly ownership: Ownership;
  readonly channels: CallChannels;
  readonly clusters: readonly GuardedNode[];
  readonly warnings: Warnings;
}

/**
 * Makes the parts of one Redlock, from the nodes up.
 * @param closed aborts when the Redlock is closed
 * @throws TypeError, RangeError for bad arguments
 */
export function assemble(
  given: Iterable<RedisNode>,
  options: RedlockOptions | undefined,
  runtime: Runtime,
  closed: AbortSignal,
): Assembly {
  const settings = parseRedlockOptions(options);
  const nodes = parseNodes(given).map((node) => new GuardedNode(node));
  const { keyPrefix, driftFactor, quarantine, quarantineTime = 0, owner } = settings;
  const events = new Emitter();
  publishNotices(events);
  const warnings = new Warnings(nodes, quarantine === false, (warning) =>
    events.emit('warning', warning),
  );
  // A client that its owner closes as well may reject its commands only then.
  const emit: Emitter['emit'] = (event, payload) => {
    if (!closed.aborted) events.emit(event, payload);
  };
  const quorum = new Quorum(nodes, settings, runtime, {
    failed: (node, error) => emit('nodeFailed', { node, error }),
    recovered: (node) => emit('nodeRecovered', { node }),
    quarantined: (node, ms) => emit('nodeQuarantined', { node, ms }),
    trusted: (node) => emit('nodeTrusted', { node }),
    exceeded: (ttl) => warnings.warn(shortQuarantine(quarantineTime, ttl)),
  });
  const newToken = (): string => tokenOf(owner, runtime.token());
  const attempts = new Attempts(quorum, runtime, driftFactor, newToken);
  const cancellation = new Cancellation(runtime, closed);
  const clusters = nodes.filter(({ cluster }) => cluster);
  const channels = new CallChannels(nodes, quorum.size, runtime);
  const lines = new WaitingLines({ runtime, channels, quorum, closed });
  const watchdog = new Watchdog<Lease>(runtime);
  const polled = { count: nodes.length, hasCluster: clusters.length > 0 };
  const tickets = new Tickets(runtime);
  const waiters = { runtime, cancellation, quorum, lines, channels, tickets, nodes: polled };
  const handleOf = (lease: Lease): HeldLock => new HeldLock(lease, lease, driftFactor);
  const leases = {
    quorum,
    runtime,
    driftFactor,
    events,
    lines,
    watchdog,
    handleOf,
    newToken,
    closed,
  };
  const acquisition = new Acquisition(attempts, waiters, leases);
  const callers = new Callers({
    runtime,
    cancellation,
    keyPrefix,
    clusters,
    acquisition,
    driftFactor,
  });
  const ownership = new Ownership();
  const requests = new Requests(settings, clusters, ownership);
  const routines = new Routines(callers, ownership, closed);
  return {
    ...leases,
    settings,
    keyPrefix,
    clusters,
    callers,
    requests,
    routines,
    ownership,
    channels,
    warnings,
  };
}
