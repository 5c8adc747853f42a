import type { LockMode } from '../mode.js';
import type { Claim } from '../protocol/claim.js';
import type { LockTrace, TracedOperation } from '../trace.js';
import { extending, releasing } from '../telemetry/tracing.js';

/** A lease, as those see it who want to know of its calls. */
interface TracedLease {
  readonly resources: readonly string[];
  readonly mode: LockMode;
  readonly ttl: number;
  readonly claim: Pick<Claim, 'fencingToken'>;
  /** For how many ms it is held by now. */
  readonly heldFor: number;
  readonly isOver: boolean;
  /** The validity that is left, in ms; 0 if the lease is over. Notices the end of validity. */
  remaining(): number;
}

/** @param ttl that the extension asks for, in ms */
export function traceExtension(
  lease: Pick<TracedLease, 'resources' | 'mode' | 'claim'>,
  ttl: number,
  extend: () => Promise<void>,
): Promise<void> {
  if (!extending.isOn) return extend();
  const { resources, mode } = lease;
  const trace: LockTrace = { operation: 'extend', resources, mode, ttl };
  return extending.trace(trace, async () => {
    await extend();
    trace.outcome = 'extended';
    trace.fencingToken = lease.claim.fencingToken;
  });
}

/** @param release ends the lease at once, unless other handles still hold it */
export function traceRelease(
  lease: TracedLease,
  release: () => Promise<boolean>,
): Promise<boolean> {
  if (!releasing.isOn) return release();
  const trace = traceOf(lease, 'release');
  return releasing.trace(trace, async () => {
    const released = await ending(lease, trace, release);
    if (trace.outcome !== 'lost') trace.outcome = released ? 'released' : 'unconfirmed';
    return released;
  });
}

/** @param detach ends the lease, unless other handles still hold it */
export function traceDetach(lease: TracedLease, detach: () => void): void {
  if (!releasing.isOn) return detach();
  const trace = traceOf(lease, 'detach');
  trace.outcome = 'detached';
  void releasing.trace(trace, async () => ending(lease, trace, detach));
}

/** Notes for how long the lease was held, if `end` ends it. */
function ending<T>(lease: TracedLease, trace: LockTrace, end: () => T): T {
  const wasLost = lease.remaining() === 0;
  if (wasLost) trace.outcome = 'lost';
  const result = end();
  if (lease.isOver && !wasLost) trace.held = lease.heldFor;
  return result;
}

function traceOf(lease: TracedLease, operation: TracedOperation): LockTrace {
  const { resources, mode, ttl, claim } = lease;
  return { operation, resources, mode, ttl, fencingToken: claim.fencingToken };
}
