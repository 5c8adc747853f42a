import { connect } from 'node:net';
import { testFlaws } from './support/flaws.js';

// These two are found when the time for something has run out.
testFlaws([
  {
    flaw: 'connects once more whenever a lock is asked for',
    foundBy: 'a sick server gets hardly more connections than the client makes by itself',
    members: (_node, { host, port }) => ({
      connect() {
        const socket = connect({ host, port });
        socket.on('error', () => {}).on('connect', () => socket.destroy());
      },
    }),
  },
  {
    flaw: 'keeps to itself why it is not connected',
    foundBy: 'a node whose password is refused says so until it is ready, without the password',
    members: () => ({ lastError: undefined }),
  },
]);
