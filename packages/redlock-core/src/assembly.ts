import { Attempts } from './attempt/attempt.js';
import { Cancellation } from './attempt/cancellation.js';
import { Acquisition } from './lock/acquisition.js';
import { Emitter } from './lock/emitter.js';
import { HeldLock } from './lock/handle.js';
import type { Lease, LeaseServices } from './lock/lease.js';
import { Watchdog } from './lock/watchdog.js';
import type { GuardedNode } from './node/guarded-node.js';
import { Quorum } from './quorum/quorum.js';
import type { Settings } from './settings/settings.js';
import type { Runtime } from './time/runtime.js';
import { Announcements } from './waiting/announcements.js';
import { WaitingLines } from './waiting/waiting-lines.js';
import { shortQuarantine } from './warnings/dangers.js';
import { Warnings } from './warnings/warnings.js';

/** The parts of one Redlock that its methods use. */
export interface Assembly extends LeaseServices {
  readonly acquisition: Acquisition;
  readonly announcements: Announcements;
  readonly cancellation: Cancellation;
  readonly warnings: Warnings;
}

/**
 * Makes the parts of one Redlock, from the nodes up.
 * @param closed aborts when the Redlock is closed
 */
export function assemble(
  nodes: readonly GuardedNode[],
  settings: Settings,
  runtime: Runtime,
  closed: AbortSignal,
): Assembly {
  const { driftFactor, quarantine, quarantineTime = 0 } = settings;
  const events = new Emitter();
  const warnings = new Warnings(nodes, quarantine === false, (warning) =>
    events.emit('warning', warning),
  );
  const quorum = new Quorum(nodes, settings, runtime, {
    failed: (node, error) => events.emit('nodeFailed', { node, error }),
    recovered: (node) => events.emit('nodeRecovered', { node }),
    quarantined: (node, ms) => events.emit('nodeQuarantined', { node, ms }),
    trusted: (node) => events.emit('nodeTrusted', { node }),
    exceeded: (ttl) => warnings.warn(shortQuarantine(quarantineTime, ttl)),
  });
  const attempts = new Attempts(quorum, runtime, driftFactor);
  const cancellation = new Cancellation(runtime, closed);
  const announcements = new Announcements(nodes, runtime);
  const lines = new WaitingLines(runtime, announcements, closed);
  const watchdog = new Watchdog<Lease>(runtime);
  const waiters = { lines, announcements, quorum, runtime, cancellation };
  const handleOf = (lease: Lease): HeldLock => new HeldLock(lease.resources, [lease], driftFactor);
  const leases = { quorum, runtime, driftFactor, events, lines, watchdog, handleOf, closed };
  const acquisition = new Acquisition(attempts, waiters, leases);
  return { ...leases, acquisition, announcements, cancellation, warnings };
}
