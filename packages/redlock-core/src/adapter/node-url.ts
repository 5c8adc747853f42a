/** The scheme of an argument that is no URL. */
const NONE = 'none:';

const SCHEMES: Readonly<Record<string, string>> = {
  'redis:': 'redis:',
  'rediss:': 'rediss:',
  'valkey:': 'redis:',
  'valkeys:': 'rediss:',
};

/**
 * Checks the URL of a standalone server. Clients would take some for others: ioredis selects database 1 for `/1/2`, and
 * sends `SELECT NaN` for `/orders`.
 * @returns the URL with the scheme `redis:` or `rediss:`, which every client knows
 * @throws TypeError whose message does not show the URL, which may contain a password
 */
export function parseNodeUrl(url: string): string {
  const isUrl = typeof url === 'string' && URL.canParse(url);
  const { protocol, hostname, pathname, username, password } = new URL(isUrl ? url : NONE);
  const scheme = SCHEMES[protocol];
  if (scheme === undefined || hostname === '') {
    throw new TypeError(
      'A node URL must look like redis://host:port, or have the scheme rediss, valkey or valkeys',
    );
  }
  if (!/^(?:\/\d*)?$/.test(pathname)) {
    throw new TypeError(
      'A node URL must end with the number of a database, as in redis://host:port/2, or with none',
    );
  }
  // A client takes a query for options, a prefix of keys among them: then two programs would lock different keys.
  if (/[?#]/.test(url)) {
    throw new TypeError(
      'A node URL must be without a ? or #; write %3F or %23 in a user name or password, and give options ' +
        'for the client as { client: { … } }',
    );
  }
  if (!isEncoded(username) || !isEncoded(password)) {
    throw new TypeError('A node URL must have %25 for a % in its user name or password');
  }
  return scheme + url.slice(url.indexOf(':') + 1);
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
