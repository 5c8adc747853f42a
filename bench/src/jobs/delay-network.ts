import { FaultProxy } from 'test-kit';
import type { Address } from '../subject.js';

interface Input {
  readonly servers: readonly Address[];
  /** Each way. */
  readonly delayMs: number;
}

/** Proxies in a process of their own, so that their work is nobody else's: they last as long as it does. */
export async function delayNetwork({
  servers,
  delayMs,
}: Input): Promise<() => Promise<{ nodes: Address[] }>> {
  const proxies = await Promise.all(servers.map((server) => FaultProxy.start(server)));
  for (const proxy of proxies) proxy.delay(delayMs);
  return () => Promise.resolve({ nodes: proxies.map(({ host, port }) => ({ host, port })) });
}
