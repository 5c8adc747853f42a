import type { Meter } from '@opentelemetry/api';
import type { LockTrace, LockLostMessage, NodeMessage } from 'redlock-core';
import { groupAttributes, type Group } from './group.js';
import { Instruments } from './instruments.js';
import { Subscriptions } from './subscriptions.js';

/** What is known of a call from its start. */
interface Begun {
  readonly group: string | undefined;
  /** In ms, of the clock of `performance`. */
  readonly at: number;
}

/** Measures locks and nodes. */
export class LockMetrics {
  readonly #meter: () => Meter;
  readonly #groupNow: () => Group;
  readonly #subscriptions = new Subscriptions();
  /** Calls that have begun since measuring started. */
  readonly #begun = new WeakMap<LockTrace, Begun>();
  /** Made at the first message, because a meter made before the SDK has started never measures anything. */
  #made: Instruments | null = null;

  constructor(meter: () => Meter, group: () => Group) {
    this.#meter = meter;
    this.#groupNow = group;
    const subscriptions = this.#subscriptions;
    subscriptions.on('tracing:redlock:acquire:start', (call) => this.#acquireStarts(call));
    subscriptions.on('tracing:redlock:acquire:asyncEnd', (call) => this.#acquireEnds(call));
    subscriptions.on('tracing:redlock:extend:start', (call) => void this.#remember(call));
    subscriptions.on('tracing:redlock:extend:asyncEnd', (call) => this.#extendEnds(call));
    subscriptions.on('tracing:redlock:release:asyncEnd', (call) => this.#releaseEnds(call));
    subscriptions.on('redlock:lost', (notice) => this.#countLoss(notice));
    subscriptions.on('redlock:node', (notice) => this.#countFailure(notice));
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.reset();
  }

  /** Measures with another meter from now on. */
  reset(): void {
    this.#made?.held.clear();
    this.#made?.pendingRequests.clear();
    this.#made = null;
  }

  get #group(): Group {
    return this.#groupNow();
  }

  get #instruments(): Instruments {
    return (this.#made ??= new Instruments(this.#meter()));
  }

  #remember(call: LockTrace): Begun {
    const begun = { group: this.#group.of(call.resources), at: performance.now() };
    this.#begun.set(call, begun);
    return begun;
  }

  #acquireStarts(call: LockTrace): void {
    this.#instruments.pendingRequests.begin(this.#remember(call).group);
  }

  #acquireEnds(call: LockTrace): void {
    const begun = this.#begun.get(call);
    if (!begun) return;
    const { pendingRequests, waitTime, held } = this.#instruments;
    const { outcome, waited = 0, acquiredResources } = call;
    pendingRequests.end(begun.group);
    const isAcquired = outcome === 'acquired';
    // No caller waits for a lock that is only re-entered, and a bad argument ends a call without an outcome.
    if (outcome && (acquiredResources || !isAcquired)) {
      waitTime.record(waited / 1000, {
        ...groupAttributes(begun.group),
        'redlock.outcome': outcome,
      });
    }
    if (acquiredResources && isAcquired) held.begin(this.#group.of(acquiredResources));
  }

  #extendEnds(call: LockTrace): void {
    const begun = this.#begun.get(call);
    if (!begun) return;
    const { outcome } = call;
    this.#instruments.extendDuration.record((performance.now() - begun.at) / 1000, {
      ...groupAttributes(begun.group),
      ...(outcome && { 'redlock.outcome': outcome }),
    });
  }

  #releaseEnds({ resources, heldFor }: LockTrace): void {
    if (heldFor === undefined) return;
    const group = this.#group.of(resources);
    this.#instruments.useTime.record(heldFor / 1000, groupAttributes(group));
    this.#instruments.held.end(group);
  }

  #countLoss({ resources, reason }: LockLostMessage): void {
    const group = this.#group.of(resources);
    this.#instruments.lost.add(1, { ...groupAttributes(group), 'error.type': reason });
    this.#instruments.held.end(group);
  }

  #countFailure({ node, state, error }: NodeMessage): void {
    if (state !== 'failed') return;
    this.#instruments.nodeFailed.add(1, {
      'redlock.node': node,
      ...(error && { 'error.type': error.code }),
    });
  }
}
