import { connect } from 'node:net';
import { testFlaws } from './support/flaws.js';

// These are found when the time for something has run out.
testFlaws([
  [
    'does not connect a client that connects lazily',
    'a client that connects lazily is connected by the first attempt',
    () => ({ connect: () => {} }),
  ],
  [
    'connects once more whenever a lock is asked for',
    'a sick server gets hardly more connections than the client makes by itself',
    (_node, { host, port }) => ({
      connect() {
        const socket = connect({ host, port });
        socket.on('error', () => {}).on('connect', () => socket.destroy());
      },
    }),
  ],
  [
    'keeps to itself why it is not connected',
    'a node whose password is refused says so until it is ready, without the password',
    () => ({ lastError: undefined }),
  ],
]);
