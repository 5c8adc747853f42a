import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

// Below the ports that Linux (32768) and macOS (49152) hand out to outgoing connections: those
// could take the port of a server that is down for a moment, and a client that keeps connecting
// to such a port on its own host can end up connected to itself.
const FIRST = 15_000;
const LAST = 32_767;
const ATTEMPTS = 100;

/**
 * The UDP port of the same number says whose a TCP port is while nobody listens on it: another test's
 * server must not take the port of one that is killed for a moment, whose clients would find it there.
 * The kernel ends the claim with the process.
 */
const claims = new Map<number, Socket>();

/**
 * A port of 127.0.0.1 that is free, and that no other process is given by this function until this one
 * gives it back or ends. Processes that do not ask may still be faster.
 */
export async function freePort(pick: () => number = randomPort): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = pick();
    const claim = await claimPort(port);
    if (claim === null) continue;
    if (await isFree(port)) {
      claims.set(port, claim);
      return port;
    }
    claim.close();
  }
  throw new Error(`No free port found on 127.0.0.1 in ${ATTEMPTS} attempts`);
}

export function giveBackPort(port: number): void {
  claims.get(port)?.close();
  claims.delete(port);
}

function randomPort(): number {
  return randomInt(FIRST, LAST + 1);
}

async function claimPort(port: number): Promise<Socket | null> {
  const claim = createSocket('udp4');
  try {
    claim.bind({ address: '127.0.0.1', port, exclusive: true });
    await once(claim, 'listening');
  } catch {
    claim.close();
    return null;
  }
  return claim.unref();
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
