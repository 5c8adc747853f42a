import { Batch, ClusterBatch, Decoder } from '@valkey/valkey-glide';
import pLimit from 'p-limit';
import { keyRange } from 'redlock-core/adapter';
import { type Internals, isCluster } from './client.js';

/**
 * How long GLIDE may hold a command to a Cluster, in ms. GLIDE sends even a command that it has given up, as soon as it
 * is connected. The adapter never gets that reply, so a late grant is not released.
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

/** The most commands in flight. GLIDE keeps the order of this many; with 50 in flight, some overtake others. */
const IN_ORDER = 32;

/** Commands that are written in order, a few at a time. */
class Lane {
  readonly #limit = pLimit({ concurrency: IN_ORDER, rejectOnClear: true });
  #cause: unknown;

  get isIdle(): boolean {
    return this.#limit.activeCount + this.#limit.pendingCount === 0;
  }

  async run<T>(act: () => Promise<T>): Promise<T> {
    let isSent = false;
    try {
      return await this.#limit(() => {
        isSent = true;
        return act();
      });
    } catch (error) {
      throw isSent ? error : this.#cause;
    }
  }

  /** Rejects what is not sent yet: it must not be written later. */
  drop(cause: unknown): void {
    this.#cause = cause;
    this.#limit.clearQueue();
  }
}

/**
 * A lane for each server, so that one that hangs does not hold up commands for the others. Until it is known which server
 * has a slot, the slot has a lane.
 */
export class Lanes {
  readonly #servers = new Map<number, string>();
  readonly #lanes = new Map<string | number, Lane>();

  /** @param slot 0 unless the client is one of a Cluster */
  of(slot: number): Lane {
    const own = this.#lanes.get(slot);
    const server = this.#servers.get(slot);
    // A command must not overtake earlier ones for the same slot.
    if (server === undefined || (own && !own.isIdle)) return this.#lane(slot);
    this.#lanes.delete(slot);
    return this.#lane(server);
  }

  /** A server has answered a command for a slot. */
  answered(slot: number, server: string): void {
    this.#servers.set(slot, server);
  }

  /** A command was not answered. Another server may have the slot by now. */
  failed(slot: number): void {
    this.#servers.delete(slot);
  }

  #lane(key: string | number): Lane {
    const lane = this.#lanes.get(key) ?? new Lane();
    this.#lanes.set(key, lane);
    return lane;
  }
}
