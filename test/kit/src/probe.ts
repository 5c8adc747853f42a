import { Redis } from 'ioredis';

/** A client that fails at once while its server is away, and is back as soon as that is. */
export function openProbe({ host, port }: { host: string; port: number }): Redis {
  const probe = new Redis({
    host,
    port,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => 20,
  });
  probe.on('error', () => {});
  return probe;
}
