/** Of what is no URL at all. */
const NONE = 'none:';

/**
 * Refuses a URL that ioredis would take for another one. It would select database 1 for `/1/2`, and send `SELECT NaN` for
 * `/orders`.
 * @throws TypeError whose message does not show the URL, which may hold a password
 */
export function requireNodeUrl(url: string): void {
  const isUrl = typeof url === 'string' && URL.canParse(url);
  const { protocol, hostname, pathname, username, password } = new URL(isUrl ? url : NONE);
  if (!['redis:', 'rediss:'].includes(protocol) || hostname === '') {
    throw new TypeError('A node URL must look like redis://host:port or rediss://host:port');
  }
  if (!/^(?:\/\d*)?$/.test(pathname)) {
    throw new TypeError(
      'A node URL must end with the number of a database, as in redis://host:port/2, or with none',
    );
  }
  // ioredis takes a query for options, a prefix of keys among them: then two programs would lock different keys.
  if (/[?#]/.test(url)) {
    throw new TypeError(
      'A node URL must be without a ? or #; write %3F or %23 in a user name or password, and make a client of your own ' +
        'if it needs options',
    );
  }
  if (!isEncoded(username) || !isEncoded(password)) {
    throw new TypeError('A node URL must have %25 for a % in its user name or password');
  }
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
