import type { Counter, Histogram, Meter } from '@opentelemetry/api';
import { Tally } from './tally.js';

/** Bounds of buckets, in seconds. A free lock takes about a millisecond, and `wait` is 5 s by default. */
const WAIT_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/** From one database write to a job of hours. */
const USE_BUCKETS = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800, 7200];

/** By default a node has at most a second for a command. */
const EXTEND_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** The metrics, as OpenTelemetry's conventions name and measure them. */
export class Instruments {
  readonly waitTime: Histogram;
  readonly useTime: Histogram;
  readonly extendDuration: Histogram;
  readonly held: Tally;
  readonly pendingRequests: Tally;
  readonly lost: Counter;
  readonly nodeFailed: Counter;

  constructor(meter: Meter) {
    this.waitTime = histogram(
      meter,
      'redlock.lock.wait_time',
      'From a call for a lock to its grant, or to the end of the call',
      WAIT_BUCKETS,
    );
    this.useTime = histogram(
      meter,
      'redlock.lock.use_time',
      'From the grant of a lock to its release or detachment',
      USE_BUCKETS,
    );
    this.extendDuration = histogram(
      meter,
      'redlock.extend.duration',
      'Duration of extensions of locks',
      EXTEND_BUCKETS,
    );
    this.held = new Tally(
      meter.createUpDownCounter('redlock.lock.held', {
        description: 'Locks that this process holds',
        unit: '{lock}',
      }),
    );
    this.pendingRequests = new Tally(
      meter.createUpDownCounter('redlock.lock.pending_requests', {
        description: 'Calls that are trying to get a lock',
        unit: '{request}',
      }),
    );
    this.lost = meter.createCounter('redlock.lock.lost', {
      description: 'Locks that were lost before they were released',
      unit: '{lock}',
    });
    this.nodeFailed = meter.createCounter('redlock.node.failed', {
      description: 'Times that a node stopped being usable',
      unit: '{failure}',
    });
  }
}

function histogram(
  meter: Meter,
  name: string,
  description: string,
  explicitBucketBoundaries: number[],
): Histogram {
  return meter.createHistogram(name, {
    description,
    unit: 's',
    advice: { explicitBucketBoundaries },
  });
}
