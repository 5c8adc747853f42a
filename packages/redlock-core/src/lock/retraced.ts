import { LockLostError } from '../errors.js';

/**
 * The error of a call, as it reached the function that the user called. A LockLostError gets the stack of that
 * function: a timer may have noticed the loss, and a timer's stack leads to no caller.
 */
export function retraced<E>(error: E): E {
  if (LockLostError.is(error)) Error.captureStackTrace(error, retraced);
  return error;
}
