import { FaultProxy } from 'test-kit';
import type { Address } from '../libraries/clients.js';

interface Input {
  readonly nodes: readonly Address[];
  /** Each way. */
  readonly delayMs: number;
}

/** Proxies in a separate process, so that their work does not slow the measured one. They last as long as it does. */
export async function delayNetwork({ nodes, delayMs }: Input): Promise<() => Promise<Address[]>> {
  const proxies = await Promise.all(nodes.map((node) => FaultProxy.start(node)));
  for (const proxy of proxies) proxy.delay(delayMs);
  return () => Promise.resolve(proxies.map(({ host, port }) => ({ host, port })));
}
