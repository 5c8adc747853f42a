import type { ErrorData } from '../vote.js';

/** An error reply begins with an upper-case code. The message of a client about its connection does not. */
const REPLY_CODE = /^[A-Z][A-Z0-9_]*(?=\s|$)/;

/**
 * If a user lacks a right that a script needs, Redis 7.0 replies with the code ERR, and all other servers with NOPERM.
 */
const NO_RIGHT = /^ERR The user executing the script can't /;

/** Whether the server answered with an error, as opposed to a connection that gave no answer. */
export function isErrorReply(error: unknown): error is Error {
  return isError(error) && REPLY_CODE.test(error.message);
}

/** Describes anything that a client threw as plain data, which is safe to show and to log. */
export function describeError(given: unknown): ErrorData {
  // If a host has several addresses, Node puts the reasons into inner errors and nothing into the outer one.
  const error = isError(given) && 'errors' in given ? (firstOf(given.errors) ?? given) : given;
  if (!isError(error)) {
    return { name: 'Error', code: 'UNKNOWN', message: 'the client rejected without an Error' };
  }
  const ownCode = 'code' in error && typeof error.code === 'string' ? error.code : 'CONNECTION';
  return {
    name: error.name,
    code: NO_RIGHT.test(error.message)
      ? 'NOPERM'
      : (REPLY_CODE.exec(error.message)?.[0] ?? ownCode),
    message: withoutSecrets(error.message) || ownCode,
  };
}

function firstOf(errors: unknown): unknown {
  return Array.isArray(errors) ? errors[0] : undefined;
}

/**
 * Removes what must not be shown: servers and clients quote user names, URLs and the arguments of commands (tokens).
 */
function withoutSecrets(message: string): string {
  return message
    .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, '(url)')
    .replaceAll(/\buser (?!is\b|has\b|executing\b)\S+/gi, 'the user')
    .replace(/,? with args beginning with:.*/is, '')
    .slice(0, 200);
}

/** Does not use `instanceof`, because clients also pass on errors of other realms. */
function isError(error: unknown): error is Error {
  return (
    typeof error === 'object' &&
    error !== null &&
    'name' in error &&
    'message' in error &&
    typeof error.name === 'string' &&
    typeof error.message === 'string'
  );
}
