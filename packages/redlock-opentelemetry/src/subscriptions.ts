import type { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import type { LockTrace, LockLostMessage, NodeMessage } from 'redlock-core';
import { harmless } from './harmless.js';

/** The tracing channels of redlock-core, without `tracing:redlock:`. */
export type CallName = 'acquire' | 'using' | 'extend' | 'release';

/** The messages of the channels, by their names. */
type Messages = Record<`tracing:redlock:${CallName}:${'start' | 'asyncEnd'}`, LockTrace> & {
  'redlock:lost': LockLostMessage;
  'redlock:node': NodeMessage;
};

type Name = keyof Messages;

/** Subscriptions to channels of redlock-core that end together. No subscriber ever throws. */
export class Subscriptions {
  readonly #ends: (() => void)[] = [];

  on<N extends Name>(name: N, subscriber: (message: Messages[N]) => void): void {
    const listener = harmless((message: unknown) => subscriber(message as Messages[N]));
    const source = channel(name);
    source.subscribe(listener);
    this.#ends.push(() => source.unsubscribe(listener));
  }

  /** Gives `store` a value in which each call of a channel runs, with all that comes of it. */
  bind<N extends Name, S>(
    name: N,
    store: AsyncLocalStorage<S | undefined>,
    value: (message: Messages[N]) => S,
  ): void {
    const source = channel(name);
    source.bindStore(
      store,
      harmless((message: unknown) => value(message as Messages[N])),
    );
    this.#ends.push(() => {
      source.unbindStore(store);
      // An enabled AsyncLocalStorage slows every promise of the process.
      store.disable();
    });
  }

  dispose(): void {
    for (const end of this.#ends.splice(0)) end();
  }
}
