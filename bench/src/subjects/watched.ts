import type { SubjectFactory } from '../subject.js';
import { redlockCore } from './redlock-core.js';

/**
 * Our own, with somebody who watches its calls while it has its turn.
 * @param watch begins to watch, and returns what ends it
 */
export function watched(watch: () => () => void): SubjectFactory {
  const open = redlockCore();
  return async (servers, options) => ({ ...(await open(servers, options)), beginTurn: watch });
}
