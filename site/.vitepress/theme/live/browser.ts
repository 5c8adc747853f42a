/**
 * What the core and the live cluster import from `node:async_hooks`, `node:crypto`, `node:diagnostics_channel` and
 * `node:timers`, and the global `process`, as far as they are used in a browser.
 */

/** For re-entry and tracing. The clients here use neither, so no call has a context. */
export class AsyncLocalStorage {
  static readonly snapshot = () => (act: () => unknown) => act();
  readonly run = <R>(_store: unknown, act: () => R): R => act();
  getStore(): void {}
  disable(): void {}
}

/** For names of scripts. The servers here only compare these with one another, so a text can be its own digest. */
export const createHash = () => ({ update: (text: string) => ({ digest: () => text }) });

/** The core publishes nothing to channels without subscribers, and here are none. */
const NONE = { hasSubscribers: false };

export const channel = () => NONE;
export const tracingChannel = () => {
  return { start: NONE, end: NONE, asyncStart: NONE, asyncEnd: NONE, error: NONE };
};

type Callback = () => void;
const ticks: Callback[] = [];
const immediates: Callback[] = [];
// Messages serve as turns of the event loop: promises run between them, and they are not throttled as timers are.
const { port1, port2 } = new MessageChannel();

port1.addEventListener('message', () => {
  // As in Node: promises run after each tick, and an immediate waits until no tick is left.
  const next = ticks.shift() ?? immediates.shift();
  if (ticks.length + immediates.length > 0) port2.postMessage(null);
  next?.();
});
port1.start();

function add(queue: Callback[], callback: Callback): void {
  if (ticks.length + immediates.length === 0) port2.postMessage(null);
  queue.push(callback);
}

export const setImmediate = (callback: Callback): void => add(immediates, callback);

Object.assign(globalThis, { process: { nextTick: (tick: Callback) => add(ticks, tick) } });
