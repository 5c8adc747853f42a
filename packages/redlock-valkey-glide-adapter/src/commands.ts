import { Batch, ClusterBatch, Decoder } from '@valkey/valkey-glide';
import { keyCount } from 'redlock-core/adapter';
import type { ClientInternals } from './client.js';

/** Resolves with the reply to `CLIENT INFO` and the command's own, of one connection. */
export async function send(
  client: ClientInternals,
  cluster: boolean,
  args: readonly string[],
): Promise<readonly unknown[]> {
  const batch = cluster ? new ClusterBatch(false) : new Batch(false);
  batch.customCommand(['CLIENT', 'INFO']).customCommand([...args]);
  const decoder = Decoder.String;
  const [, , , key = ''] = args;
  const route = keyCount(args) > 0 ? ({ type: 'primarySlotKey', key } as const) : 'randomNode';
  const replies = await client.exec(batch, false, cluster ? { decoder, route } : { decoder });
  return replies ?? [];
}

/** Asks every master of a Cluster, or the one server. */
export async function askMasters(
  client: ClientInternals,
  cluster: boolean,
  args: readonly string[],
): Promise<readonly unknown[]> {
  const decoder = Decoder.String;
  if (!cluster) return [await client.customCommand([...args], { decoder })];
  const replies = await client.customCommand([...args], { decoder, route: 'allPrimaries' });
  return (replies as readonly { readonly value: unknown }[]).map(({ value }) => value);
}
