import { jest } from '@jest/globals';
import { until } from 'test-kit';
import { allows } from './documented-rights.js';
import type { RestrictedNodes } from './restricted-nodes.js';

/**
 * Expects that a user is refused something for the lack of a right. Most uses then fail, or wait until their clients
 * are closed.
 */
export async function expectRefused(
  nodes: RestrictedNodes,
  right: string,
  use: () => Promise<void>,
): Promise<void> {
  const ended = use().catch(() => {});
  try {
    await until(`something is refused for the lack of ${right}`, async () => {
      return [...(await nodes.refused())].some((refused) => allows(right, refused));
    });
  } finally {
    await nodes.endClients();
    await ended;
  }
}

/** How often a waiter makes sure that its subscriptions work, in ms. */
export const PING_INTERVAL = 5000;

/** Makes subscribers ping when a test says so. All other timers run. */
export function useFakeIntervals(): void {
  jest.useFakeTimers({
    doNotFake: [
      'Date',
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setTimeout',
      'clearTimeout',
    ],
  });
}
