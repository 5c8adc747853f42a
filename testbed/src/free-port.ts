import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

// Below the ports that Linux (32768) and macOS (49152) hand out to outgoing connections: those
// could take the port of a server that is down for a moment, and a client that keeps connecting
// to such a port on its own host can end up connected to itself.
const FIRST = 15_000;
const LAST = 32_767;
const ATTEMPTS = 100;

/** A port of 127.0.0.1 that was free a moment ago; another process may still be faster. */
export async function freePort(attempts = ATTEMPTS): Promise<number> {
  const port = randomInt(FIRST, LAST + 1);
  if (await isFree(port)) return port;
  if (attempts <= 1) throw new Error(`No free port found on 127.0.0.1 in ${ATTEMPTS} attempts`);
  return freePort(attempts - 1);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ host: '127.0.0.1', port, exclusive: true });
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
