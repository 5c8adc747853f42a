import { tellVotes, votesOf } from '../node/response.js';
import type { Quorum } from '../quorum/quorum.js';
import type { Runtime } from '../time/runtime.js';
import { closedError, QuorumError } from '../errors.js';
import { Pause } from '../time/pause.js';

/**
 * Resolves when a quorum of nodes is connected, so that the first attempt has to wait for none of them.
 * @param wait in ms
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
    // One that was connected may be so no longer when the last of a quorum is.
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
