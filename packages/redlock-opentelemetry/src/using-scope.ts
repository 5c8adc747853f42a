import { AsyncLocalStorage } from 'node:async_hooks';
import { context, type Context } from '@opentelemetry/api';

/** The contexts around and inside the span of a `using` call. */
export interface Around {
  /** The one that was active when the call began. */
  readonly outer: Context;
  /** The one with the span. */
  readonly inner: Context;
}

/**
 * The `using` call that the code that runs belongs to. A subscriber cannot make a context active, so the acquire,
 * extensions and release of a `using` call run in the context around it, and find their parent here.
 */
export class UsingScope {
  readonly store = new AsyncLocalStorage<Around | undefined>();

  /** The context that a span begins in. The routine, and what it calls, has an active context of its own. */
  get parent(): Context {
    const active = context.active();
    const around = this.store.getStore();
    return around && active === around.outer ? around.inner : active;
  }
}
