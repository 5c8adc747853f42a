import { tellVotes, votesOf } from '../node/response.js';
import type { Quorum } from '../quorum/quorum.js';
import type { Runtime } from '../time/runtime.js';
import { closedError, QuorumError } from '../errors.js';
import { Pause } from '../time/pause.js';

/**
 * Resolves when a quorum of nodes is connected, so that the first attempt need not wait for a connection.
 * @param closed aborts when the Redlock is closed
 * @param wait for how long at most, in ms
 * @throws QuorumError when `wait` is over; RedlockError (`CLOSED`)
 */
export async function connect(
  quorum: Quorum,
  runtime: Runtime,
  closed: AbortSignal,
  wait: number,
): Promise<void> {
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
