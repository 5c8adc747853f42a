import type { ErrorData } from '../vote.js';

/** An error reply begins with an upper-case code; what a client says of its connection does not. */
const REPLY_CODE = /^[A-Z][A-Z0-9_]*(?=\s|$)/;

/** Redis 7.0 gives a right that a script lacks the code ERR. All other servers give it NOPERM. */
const NO_RIGHT = /^ERR The user executing the script can't /;

/** Whether the server answered, with an error, as opposed to a connection that gave no answer. */
export function isErrorReply(error: unknown): error is Error {
  return isError(error) && REPLY_CODE.test(error.message);
}

/** Plain data about anything that a client threw, safe to show and to log. */
export function describeError(given: unknown): ErrorData {
  // Where a host has several addresses, Node says all in its inner errors and nothing itself.
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

/** Servers and clients quote user names, URLs and a command's arguments (tokens) in messages. */
function withoutSecrets(message: string): string {
  return message
    .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, '(url)')
    .replaceAll(/\buser (?!is\b|has\b|executing\b)\S+/gi, 'the user')
    .replace(/,? with args beginning with:.*/is, '')
    .slice(0, 200);
}

/** Not `instanceof`: clients also pass on errors of other realms. */
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
