import type { Cluster } from './cluster.js';
import type { Client } from './client.js';
import { queueOf } from './core.js';
import { RESOURCE, type Phase } from './job.js';
import type { Entry } from './journal.js';
import type { Facts } from './facts.js';
import { isClient, NODES, type ClientName, type NodeName } from './names.js';
import type { Direction } from './path.js';
import type { Server } from './server.js';
import type { Write } from './storage.js';
import type { Cargo } from './cargo.js';

/** The name of the queue of the resource on the nodes. */
const QUEUE = queueOf(RESOURCE);

export interface NodeSnapshot {
  readonly name: NodeName;
  readonly state: 'running' | 'paused' | 'down';
  readonly isCut: boolean;
  readonly dropsReplies: boolean;
  /** What its clock was set by, in ms. */
  readonly skew: number;
  /** Whose token its key has; null: it has no key. */
  readonly key: {
    readonly client: ClientName;
    /** How much of its ttl is left, from 0 to 1. */
    readonly left: number;
  } | null;
  /** The clients that wait, by their tickets. */
  readonly queue: readonly { readonly client: ClientName; readonly isNotified: boolean }[];
  readonly quarantinedBy: readonly ClientName[];
}

export interface ClientSnapshot {
  readonly name: ClientName;
  readonly state: 'running' | 'paused' | 'down';
  readonly isCut: boolean;
  /** What its wall clock was set by, in ms. */
  readonly skew: number;
  readonly phase: Phase;
  /** What it holds, as it believes; null: nothing. */
  readonly lock: {
    readonly fencingToken: number;
    /** The validity that is left, in ms, and as a part of the ttl. */
    readonly remaining: number;
    readonly left: number;
  } | null;
}

export interface MessageSnapshot {
  readonly client: ClientName;
  readonly end: NodeName | 'storage';
  readonly direction: Direction;
  readonly cargo: Cargo;
  /** How far it has come, from 0 to 1. */
  readonly progress: number;
}

/** A run at one moment, as it is drawn. */
export interface Snapshot {
  readonly time: number;
  readonly nodes: readonly NodeSnapshot[];
  readonly clients: readonly ClientSnapshot[];
  readonly cutPaths: readonly { readonly client: ClientName; readonly node: NodeName }[];
  readonly messages: readonly MessageSnapshot[];
  readonly storage: { readonly highest: number; readonly writes: readonly Write[] };
  readonly holders: readonly ClientName[];
  readonly entries: readonly Entry[];
  readonly facts: Facts;
}

export function snapshotOf(cluster: Cluster): Snapshot {
  const { now, clients, servers, storage, journal, settings } = cluster;
  return {
    time: now,
    nodes: servers.map((server) => ofServer(server, clients, settings.ttl)),
    clients: clients.map((client) => ofClient(client, settings.ttl)),
    cutPaths: clients.flatMap(({ name: client }) =>
      NODES.filter((node) => cluster.isCut(client, node)).map((node) => ({ client, node })),
    ),
    messages: [...cluster.traffic].map(({ path, direction, cargo, from, to, since, until }) => {
      const part = until > since ? Math.min((now - since) / (until - since), 1) : 1;
      const progress = from + (to - from) * part;
      return { client: path.client, end: path.end, direction, cargo, progress };
    }),
    storage: { highest: storage.highest, writes: storage.writes },
    holders: cluster.holders,
    entries: journal.entries,
    facts: journal.facts,
  };
}

function ofServer(server: Server, clients: readonly Client[], ttl: number): NodeSnapshot {
  const { name, state, isCut, dropsReplies, skew, keyspace } = server;
  const value = keyspace.get(RESOURCE);
  const client = value === null ? null : clientOf(value);
  const members = keyspace.sortedSet(QUEUE)?.members ?? [];
  return {
    name,
    state,
    isCut,
    dropsReplies,
    skew,
    key: client && {
      client,
      left: Math.min(keyspace.remaining(RESOURCE) / ttl, 1),
    },
    queue: members.flatMap((member) => {
      const waiter = clientOf(member.slice(member.lastIndexOf(':') + 1));
      return waiter ? [{ client: waiter, isNotified: member.startsWith('!') }] : [];
    }),
    quarantinedBy: clients.filter((each) => each.quarantineOf(name) > 0).map((each) => each.name),
  };
}

function ofClient(client: Client, ttl: number): ClientSnapshot {
  const { name, process, isCut, skew, job, lock, remaining } = client;
  const state = process.crashed ? 'down' : process.paused ? 'paused' : 'running';
  const held = lock && { fencingToken: lock.fencingToken, remaining, left: remaining / ttl };
  return { name, state, isCut, skew, phase: job.phase, lock: held };
}

/** The client whose process has made a token, or listens to a channel, which ends with one. */
function clientOf(token: string): ClientName | null {
  const name = token.charAt(0);
  return isClient(name) ? name : null;
}
