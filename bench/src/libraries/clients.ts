import { Redis } from 'ioredis';

/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ClientOptions {
  readonly enableAutoPipelining?: boolean;
  /** Limit of a command, in ms; without it, a command waits for ever. */
  readonly commandTimeout?: number;
  readonly password?: string;
}

let sent = 0;
const prototype = Redis.prototype as { sendCommand: (...args: unknown[]) => unknown };
const send = prototype.sendCommand;
// Counted in the client, because a server counts a client's command and a script's call of it alike.
prototype.sendCommand = function count(...args) {
  sent++;
  return send.apply(this, args);
};

/** How many commands all ioredis clients of this process have sent, those of subscriptions included. */
export function sentCommands(): number {
  return sent;
}

/** Connected clients, with ioredis' own defaults except for `options`. */
export async function ioredisClients(
  nodes: readonly Address[],
  options: ClientOptions = {},
): Promise<Redis[]> {
  const clients = nodes.map(({ host, port }) => new Redis({ ...options, host, port }));
  // A server that fails is part of the measurement.
  for (const client of clients) client.on('error', () => {});
  await Promise.all(
    clients.map((client) => new Promise<void>((resolve) => client.once('ready', resolve))),
  );
  return clients;
}

export function disconnectAll(clients: readonly Redis[]): void {
  for (const client of clients) client.disconnect();
}

/** Commands without a reply, which a client has written or queued. */
export function pendingOn(client: Redis | undefined): number | null {
  if (!client) return null;
  const queues = client as unknown as Record<'commandQueue' | 'offlineQueue', { length: number }>;
  return queues.commandQueue.length + queues.offlineQueue.length;
}

/** @returns the SHA1 of the script */
export async function loadScript(clients: readonly Redis[], script: string): Promise<string> {
  const [sha] = await Promise.all(clients.map((client) => client.script('LOAD', script)));
  return String(sha);
}

export function quorumOf(nodes: { readonly length: number }): number {
  return Math.floor(nodes.length / 2) + 1;
}

/** Resolves when a quorum has replied. */
export function firstReplies(replies: readonly Promise<unknown>[]): Promise<void> {
  const quorum = quorumOf(replies);
  return new Promise((resolve, reject) => {
    let arrived = 0;
    const arrive = (): void => {
      if (++arrived === quorum) resolve();
    };
    for (const reply of replies) reply.then(arrive, reject);
  });
}
