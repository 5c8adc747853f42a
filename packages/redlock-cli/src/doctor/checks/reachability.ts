import type { ErrorData } from 'redlock-core';
import type { Finding } from '../diagnosis.js';
import type { Check } from './check.js';

/** Finds nodes that cannot be asked anything: their servers are away, or do not let us in. */
export const reachability: Check = ({ nodes }) =>
  nodes.flatMap(({ name, failure }) => (failure ? [findingOf(name, failure)] : []));

function findingOf(node: string, failure: ErrorData): Finding {
  const { code, message } = failure;
  const level = 'warning';
  const why = message.startsWith(code) ? message : `${code}: ${message}`;
  if (code === 'NOPERM') {
    return {
      level,
      code: 'NO_RIGHTS_LOCK',
      node,
      message: `its user may not use the database of the client (${why}), so it has no vote`,
      remedy: 'ACL SETUSER (user) +select, or use database 0',
    };
  }
  if (/^(WRONGPASS|NOAUTH)$/.test(code) || /^ERR (AUTH|invalid password)/i.test(message)) {
    return {
      level,
      code: 'WRONG_PASSWORD',
      node,
      message: `it does not let us in (${why}), so it has no vote`,
      remedy: 'give the user and the password of this node: redis://USER:PASSWORD@HOST:PORT',
    };
  }
  if (/CERT|TLS|SSL|SIGNATURE|EPROTO/.test(code)) {
    return {
      level,
      code: 'TLS_FAILED',
      node,
      message: `no connection over TLS can be made (${why}), so it has no vote`,
      remedy:
        'trust the authority that signed the certificate, with NODE_EXTRA_CA_CERTS=FILE or the option tls.ca of ' +
        'the client; use redis:// for a server without TLS',
    };
  }
  return {
    level,
    code: 'UNREACHABLE',
    node,
    message: `it cannot be reached (${why}), so it has no vote, and one node less may fail`,
    remedy:
      'start the server; check address, port and firewall; use rediss:// if the server takes only TLS, redis:// if it ' +
      'takes none',
  };
}
