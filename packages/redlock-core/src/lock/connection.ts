import { tellVotes, votesOf } from '../node/response.js';
import type { Quorum } from '../quorum/quorum.js';
import type { Runtime } from '../time/runtime.js';
import type { ConnectOptions } from '../options.js';
import { parseConnectOptions } from '../settings/connect-options.js';
import { closedError, QuorumError } from '../errors.js';
import { Pause } from '../time/pause.js';

export interface ConnectionServices {
  readonly quorum: Quorum;
  readonly runtime: Runtime;
  /** Aborts when the Redlock is closed. */
  readonly closed: AbortSignal;
}

/**
 * Resolves when a quorum of nodes is connected, so that the first attempt need not wait for a connection.
 * @throws QuorumError when `wait` is over; RedlockError (`CLOSED`); TypeError, RangeError for bad options
 */
export async function connect(
  { quorum, runtime, closed }: ConnectionServices,
  options?: ConnectOptions,
): Promise<void> {
  const wait = parseConnectOptions(options);
  if (closed.aborted) throw closedError([]);
  const start = runtime.now();
  const limit = new Pause(wait, runtime, [closed]);
  const isOver = limit.over.then(() => true);
  for (;;) {
    const late = await Promise.race([quorum.connected(), isOver]);
    if (closed.aborted) throw closedError([]);
    const responses = quorum.connections(start);
    // When the last node of the quorum is connected, another one may have lost its connection.
    if (responses.filter(({ vote }) => vote === 'granted').length >= quorum.size) break;
    if (late !== true) continue;
    const votes = votesOf(responses);
    throw new QuorumError(
      `Fewer than a quorum of nodes could be used within ${wait} ms; check the nodes that failed. ` +
        `Votes: ${tellVotes(votes)}`,
      [],
      votes,
    );
  }
  limit.end();
}
