import { context, SpanKind, trace, type Span, type Tracer } from '@opentelemetry/api';
import type { LockTrace } from 'redlock-core';
import type { ResourceNames } from './resource-names.js';
import { describeEnd } from './span-end.js';
import { Subscriptions, type CallName } from './subscriptions.js';
import { UsingScope, type Around } from './using-scope.js';

/** Calls whose spans have no routine in them. */
const PLAIN: readonly CallName[] = ['acquire', 'extend', 'release'];

/** Makes a span of each call. */
export class CallSpans {
  tracer: Tracer;
  readonly #names: () => ResourceNames;
  readonly #subscriptions = new Subscriptions();
  readonly #scope = new UsingScope();
  readonly #open = new Map<LockTrace, Span>();

  constructor(tracer: Tracer, names: () => ResourceNames) {
    this.tracer = tracer;
    this.#names = names;
    const subscriptions = this.#subscriptions;
    subscriptions.bind('tracing:redlock:using:start', this.#scope.store, (call) =>
      this.#startUsing(call),
    );
    subscriptions.on('tracing:redlock:using:asyncEnd', (call) => this.#end(call));
    for (const name of PLAIN) {
      subscriptions.on(`tracing:redlock:${name}:start`, (call) => void this.#start(call));
      subscriptions.on(`tracing:redlock:${name}:asyncEnd`, (call) => this.#end(call));
    }
  }

  dispose(): void {
    this.#subscriptions.dispose();
    for (const span of this.#open.values()) span.end();
    this.#open.clear();
  }

  /** The span is internal: a call asks several nodes, and each command to one is a span of its Redis client. */
  #start(call: LockTrace): Span {
    const { operation, resources, mode } = call;
    const names = this.#names().of(resources);
    const attributes = { ...(names && { 'redlock.resources': names }), 'redlock.mode': mode };
    const options = { kind: SpanKind.INTERNAL, attributes };
    const span = this.tracer.startSpan(`redlock ${operation}`, options, this.#scope.parent);
    this.#open.set(call, span);
    return span;
  }

  #startUsing(call: LockTrace): Around {
    const { parent } = this.#scope;
    const inner = trace.setSpan(parent, this.#start(call));
    const before = call.runInContext;
    call.runInContext = (routine) =>
      context.with(inner, () => (before ? before(routine) : routine()));
    return { outer: context.active(), inner };
  }

  #end(call: LockTrace): void {
    const span = this.#open.get(call);
    if (!span) return;
    this.#open.delete(call);
    try {
      describeEnd(span, call, this.#names().areShown);
    } finally {
      span.end();
    }
  }
}
