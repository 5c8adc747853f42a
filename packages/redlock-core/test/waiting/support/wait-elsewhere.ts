import { commandOf } from '../../support/operations.js';
import type { TestServer } from '../../support/test-server.js';

/** For how many ms a key is reserved for one of them. */
const RESERVATION = 10;

/**
 * Processes that hang wait for `r`, which is held, ahead of everybody else: they are called, and never ask.
 * @returns their channels, in the order in which they are called
 */
export async function waitElsewhere(
  servers: readonly TestServer[],
  count: number,
  reservation = RESERVATION,
): Promise<string[]> {
  const channels = Array.from({ length: count }, (_, index) => `r:called:hung-${index}`);
  for (const server of servers) {
    for (const [index, channel] of channels.entries()) {
      server.subscribe(channel, () => {});
      const entries = [`${index + 1}:600000:${reservation}:${channel}`];
      await server.run(commandOf([{ kind: 'grant', resources: ['r'], token: channel, entries }]));
    }
  }
  return channels;
}
