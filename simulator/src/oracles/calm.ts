import type { Route } from '../network/stream.js';
import type { Client } from '../run/client.js';
import type { Server } from '../server/server.js';

/**
 * Since when nothing holds up a process, nor what it and the nodes tell each other, in true time; Infinity: something does.
 * @param routes to each of the servers
 */
export function calmSince(
  client: Client,
  servers: readonly Server[],
  routes: readonly Route[],
): number {
  if (client.isGone || client.process.paused) return Infinity;
  const calm = servers.map((server, index) => {
    const { dialer, subscriber } = client.connections[index] ?? {};
    const { up, down, calls } = routes[index] ?? {};
    if (server.state !== 'running' || !dialer?.isWhole || !subscriber?.isListening) return Infinity;
    if (!up || !down || !calls) return Infinity;
    const paths = [up, down, calls].map(({ disturbedUntil }) => disturbedUntil);
    return Math.max(server.calmSince, dialer.upSince, subscriber.confirmedAt, ...paths);
  });
  return Math.max(client.process.calmSince, ...calm);
}
