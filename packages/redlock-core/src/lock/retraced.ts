import { LockLostError } from '../errors.js';

/**
 * Returns an error as the function that the user called throws it. A LockLostError gets the stack of that function,
 * because a timer may have noticed the loss, and a timer's stack leads to no caller.
 */
export function retraced<E>(error: E): E {
  if (LockLostError.is(error)) Error.captureStackTrace(error, retraced);
  return error;
}
