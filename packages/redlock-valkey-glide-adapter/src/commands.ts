import { Batch, ClusterBatch, Decoder } from '@valkey/valkey-glide';
import { keyRange } from 'redlock-core/adapter';
import { type Internals, isCluster } from './client.js';

/**
 * How long GLIDE may hold a command to a Cluster, in ms. GLIDE sends even a command that it has given up, as soon as it
 * is connected. Nobody learns of the reply then, so a late grant is not released.
 */
const PATIENCE = 10_000;

/** Resolves with the replies to `CLIENT INFO` and to the command, both from one connection. */
export async function send(
  client: Internals,
  args: readonly string[],
): Promise<readonly unknown[]> {
  const batch = isCluster(client) ? new ClusterBatch(false) : new Batch(false);
  batch.customCommand(['CLIENT', 'INFO']).customCommand([...args]);
  const decoder = Decoder.String;
  const { start, end } = keyRange(args);
  const key = args[start] ?? '';
  const route = end > start ? ({ type: 'primarySlotKey', key } as const) : 'randomNode';
  const options = isCluster(client)
    ? ({ decoder, route, timeout: PATIENCE } as const)
    : { decoder };
  const replies = await client.exec(batch, false, options);
  return replies ?? [];
}

/** Asks every master of a Cluster, or the one server. */
export async function askMasters(
  client: Internals,
  args: readonly string[],
): Promise<readonly unknown[]> {
  const decoder = Decoder.String;
  if (!isCluster(client)) return [await client.customCommand([...args], { decoder })];
  const replies = await client.customCommand([...args], { decoder, route: 'allPrimaries' });
  return (replies as readonly { readonly value: unknown }[]).map(({ value }) => value);
}

/** Keys in many slots, so that each master has one of them, as a rule. */
const SPREAD = Array.from({ length: 12 }, (_, index) => `probe:${index}`);

/**
 * The `CLIENT INFO` of every master of a Cluster, or of those that answer if some do not.
 * @throws the reason of the first one if none answers
 */
export async function connectionInfos(client: Internals): Promise<readonly unknown[]> {
  const command = ['CLIENT', 'INFO'];
  try {
    return await askMasters(client, command);
  } catch (error) {
    if (!isCluster(client)) throw error;
    const routes = SPREAD.map((key) => ({ type: 'primarySlotKey', key }) as const);
    const replies = await Promise.allSettled(
      routes.map((route) => client.customCommand(command, { decoder: Decoder.String, route })),
    );
    const answers = replies.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    if (answers.length === 0) throw error;
    return answers;
  }
}
