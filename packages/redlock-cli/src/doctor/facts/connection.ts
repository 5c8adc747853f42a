import { type ErrorData, QuorumError, type RedisNode, Redlock } from 'redlock-core';
import { borrowed } from './borrowed.js';

/**
 * Connects a node as a Redlock does.
 * @param wait for how long at most, in ms
 * @returns why it cannot be used; null: it is connected
 */
export async function connectionFailure(node: RedisNode, wait: number): Promise<ErrorData | null> {
  const redlock = new Redlock([borrowed(node)], { quarantine: false });
  try {
    await redlock.connect({ wait });
    return null;
  } catch (error) {
    const failure = QuorumError.is(error) ? error.votes[0]?.error : undefined;
    if (failure === undefined) throw error;
    return failure;
  } finally {
    await redlock.close();
  }
}
