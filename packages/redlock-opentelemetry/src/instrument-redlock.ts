import { Group, type GroupFunction } from './group.js';
import { LockMetrics } from './lock-metrics.js';
import { CallSpans } from './call-spans.js';

/** Settings of {@link instrumentRedlock}. */
export interface InstrumentationOptions {
  /**
   * Names the group that a resource belongs to, for example `'invoice'` for `invoice:42`. It is the attribute
   * `redlock.group` of metrics, which have no attribute with the resource itself: each value of an attribute is a time
   * series of its own, so there must be few groups. Of a lock on several resources, the first one is asked for; of a
   * permit, its semaphore. It must give the same name for the same resource each time. Without this option, or where it
   * returns undefined or fails, metrics have no such attribute.
   */
  group?: (resource: string) => string | undefined;
}

/** What {@link instrumentRedlock} has begun. */
export interface Instrumentation {
  /** Ends it: spans that are still open end now, and the up-down counters go back to 0. May be called again. */
  readonly dispose: () => void;
  [Symbol.dispose](): void;
}

/** The symbol comes from the registry, because a process may have loaded this package twice. */
const CURRENT = Symbol.for('redlock-opentelemetry.current');

const inProcess = globalThis as typeof globalThis & { [CURRENT]?: Instrumentation };

/**
 * Tells OpenTelemetry of every Redlock of this process: a span for each call, and metrics. It uses the tracer, meter and
 * context manager that are registered when the first call is made, so it may stand before or after the start of the
 * SDK. Call it before the first lock is taken: the end of a lock that nobody saw begin cannot be counted.
 *
 * A process has one instrumentation. A second call ends the first one and takes over, so nothing is counted twice.
 * @throws TypeError for bad options
 * @example
 * ```ts
 * const instrumentation = instrumentRedlock({ group: (resource) => resource.split(':')[0] });
 * ```
 */
export function instrumentRedlock(options: InstrumentationOptions = {}): Instrumentation {
  const group = new Group(groupIn(options));
  inProcess[CURRENT]?.dispose();
  const parts = [new CallSpans(), new LockMetrics(group)];
  const dispose = (): void => {
    for (const part of parts) part.dispose();
    if (inProcess[CURRENT] === instrumentation) delete inProcess[CURRENT];
  };
  const instrumentation: Instrumentation = { dispose, [Symbol.dispose]: dispose };
  inProcess[CURRENT] = instrumentation;
  return instrumentation;
}

function groupIn({ group, ...others }: InstrumentationOptions): GroupFunction | undefined {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new TypeError(`unknown option '${unknown}'; the only option is 'group'`);
  }
  if (group !== undefined && typeof group !== 'function') {
    throw new TypeError('group must be a function');
  }
  return group;
}
