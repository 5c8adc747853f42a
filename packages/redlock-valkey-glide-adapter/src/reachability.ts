import { once } from 'node:events';
import { connect } from 'node:net';
import type { ClientConfig } from './client.js';

/** How long a server may take to accept a connection, in ms. */
const PATIENCE = 2000;

/** Resolves when one of a client's servers takes connections. Rejects with the reason why the first one does not. */
export async function reach({ addresses, addressResolver }: ClientConfig): Promise<void> {
  const places = addresses.map(
    ({ host, port = 6379 }) => addressResolver?.(host, port) ?? ([host, port] as const),
  );
  try {
    await Promise.any(places.map(([host, port]) => knock(host, port)));
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}

async function knock(host: string, port: number): Promise<void> {
  const socket = connect({ host, port });
  // The process need not live on for this.
  socket.unref();
  socket.setTimeout(PATIENCE, () => {
    const error = new Error(`connect ETIMEDOUT ${host}:${port}`);
    socket.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
  });
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
