import type { Batch, ClusterBatch, Decoder, GlideClient } from '@valkey/valkey-glide';
import { kindOf } from 'redlock-core/adapter';

/** A client that the adapter takes: a `GlideClient` or a `GlideClusterClient`. */
export interface ValkeyGlideClient {
  customCommand(args: string[]): Promise<unknown>;
  exec(batch: never, raiseOnError: boolean, options?: never): Promise<unknown>;
  close(): void;
}

/**
 * The configuration that a client was made with.
 * @internal
 */
export interface ClientConfig {
  readonly addresses: readonly { readonly host: string; readonly port?: number }[];
  /** Resolves the real address of a server. */
  readonly addressResolver?: (host: string, port: number) => readonly [string, number];
}

/**
 * What the adapter uses of a client although it is protected, or differs between the two kinds.
 * @internal
 */
export interface Internals {
  readonly config: ClientConfig;
  readonly isClosed: boolean;
  readonly constructor: { createClient(config: object): Promise<GlideClient> };
  /** Only a Cluster's client has this. */
  readonly pubsubShardChannels?: unknown;
  /** Resolves with the replies in order; a failed command has its error there. */
  exec(
    batch: Batch | ClusterBatch,
    raiseOnError: false,
    options: { readonly decoder: Decoder; readonly timeout?: number; readonly route?: Route },
  ): Promise<readonly unknown[] | null>;
  /** Resolves with the reply, or, if several servers are asked, with a list of their addresses and replies. */
  customCommand(
    args: string[],
    options: { readonly decoder: Decoder; readonly route?: 'allPrimaries' | SlotRoute },
  ): Promise<unknown>;
}

type Route = 'randomNode' | SlotRoute;

type SlotRoute = { readonly type: 'primarySlotKey'; readonly key: string };

/**
 * The members of a client that are not in its published type.
 * @throws TypeError if it is no client of GLIDE
 * @internal
 */
export function internalsOf(client: ValkeyGlideClient): Internals {
  const given: Partial<ValkeyGlideClient> | null | undefined = client;
  if (typeof given?.customCommand === 'function') return client as unknown as Internals;
  throw new TypeError(
    `The client must be one of Valkey GLIDE, as GlideClient.createClient() makes it, but it is ${kindOf(client)}`,
  );
}

/** @internal */
export function isCluster(client: Internals): boolean {
  return client.pubsubShardChannels !== undefined;
}
