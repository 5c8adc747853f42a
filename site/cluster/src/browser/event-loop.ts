/**
 * Ticks and immediates of Node, as far as the core and the world use them. Browsers have neither. Messages to ourselves
 * do as turns of the event loop: all promises run before the next one, and unlike timers they are not slowed down.
 */
const ticks: (() => void)[] = [];
const immediates: (() => void)[] = [];
const { port1, port2 } = new MessageChannel();

port1.addEventListener('message', () => {
  // As in Node: each tick has the promises after it run, and an immediate waits until no tick is left.
  const next = ticks.shift() ?? immediates.shift();
  if (ticks.length + immediates.length > 0) port2.postMessage(null);
  next?.();
});
port1.start();

function add(queue: (() => void)[], callback: () => void): void {
  if (ticks.length + immediates.length === 0) port2.postMessage(null);
  queue.push(callback);
}

export function nextTick(callback: () => void): void {
  add(ticks, callback);
}

export function setImmediate(callback: () => void): void {
  add(immediates, callback);
}
