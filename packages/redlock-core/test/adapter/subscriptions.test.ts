import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { type OpenSubscriber, type SubscriberEvents } from 'redlock-core/adapter';
import { Subscriptions } from '../../src/adapter/subscriptions.js';

/** The interval of pings, in ms. */
const INTERVAL = 5000;

const idle = (): void => {};

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }));
afterEach(() => void jest.useRealTimers());

/** Connections that never become ready, as to a server that takes them and says nothing. */
function hangingConnections() {
  const opened: SubscriberEvents[] = [];
  let notify = idle;
  const open: OpenSubscriber = (events) => {
    opened.push(events);
    notify();
    return new Promise(() => {});
  };
  /** Resolves when the next one is being opened. */
  const another = (): Promise<void> => new Promise((resolve) => (notify = resolve));
  return { open, opened, another };
}

test('a connection that hangs while it is opened is given up after two intervals, and another one is opened', async () => {
  const { open, opened, another } = hangingConnections();
  const unsubscribe = new Subscriptions(open).subscribe('channel', idle);
  expect(opened).toHaveLength(1);
  const second = another();
  jest.advanceTimersByTime(2 * INTERVAL);
  expect(opened[0]?.signal.aborted).toBe(true);
  await second;
  expect(opened[1]?.signal.aborted).toBe(false);
  unsubscribe();
});

test('a connection that is being opened when the last subscription ends is given up', () => {
  const { open, opened } = hangingConnections();
  new Subscriptions(open).subscribe('channel', idle)();
  expect(opened.map(({ signal }) => signal.aborted)).toEqual([true]);
});
