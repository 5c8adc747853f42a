import type {
  AcquireOptions,
  Lock,
  RedlockEventName,
  RedlockEvents,
  RedlockOptions,
} from 'redlock-core';
import { RedlockWithRuntime } from 'redlock-core/internal';
import type { Command } from './command.js';
import { ManualRuntime } from './manual-runtime.js';
import { settle } from './settle.js';
import { TestNode, type TestNodeOptions } from './test-node.js';
import { TestServer } from './test-server.js';

type Seen = { [E in RedlockEventName]: readonly [E, RedlockEvents[E]] }[RedlockEventName];

const EVENTS = [
  'acquired',
  'extended',
  'released',
  'lost',
  'contended',
  'nodeFailed',
  'nodeRecovered',
  'nodeQuarantined',
  'nodeTrusted',
] as const satisfies readonly RedlockEventName[];

/** Of a lock in most tests, in ms: it is valid for 102 ms less, the drift. */
export const TTL = 10_000;

export interface ProcessOptions extends RedlockOptions {
  /** How many of its nodes can subscribe; by default all. */
  subscribers?: number;
  /** To all nodes and back, in ms; 0: at once. */
  roundTrip?: number;
  /** Options of its nodes. */
  node?: Omit<TestNodeOptions, 'server' | 'subscribes'>;
}

/** A Redlock over nodes, time and chance that a test rules, with the events it has emitted. */
export function redlockOver(
  nodes: readonly TestNode[],
  options: RedlockOptions = {},
  runtime = new ManualRuntime(),
) {
  // All clocks agree, until a test sets one.
  for (const { server } of nodes) server.clock = runtime.wallNow;
  const redlock = new RedlockWithRuntime(nodes, options, runtime);
  const seen: Seen[] = [];
  for (const event of EVENTS) {
    redlock.on(event, (payload) => seen.push([event, payload] as unknown as Seen));
  }
  const names = (): RedlockEventName[] => seen.map(([event]) => event);
  /** How many operations each node was given. */
  const sent = (): number[] => nodes.map(({ operations }) => operations.length);
  /** Marks this moment: the result counts the operations that each node was given after it. */
  const mark = (): (() => number[]) => {
    const before = sent();
    return () => sent().map((count, index) => count - (before[index] ?? 0));
  };
  return { redlock, runtime, nodes, seen, names, sent, mark };
}

export function nodesNamed(count: number): TestNode[] {
  return Array.from({ length: count }, (_, index) => new TestNode(`n${index}`));
}

/**
 * Servers on one clock, by which their keys expire, and processes over them, each with nodes of its own. The first
 * process is part of the result; `process` makes others.
 */
export function world(count = 3, first: ProcessOptions = {}) {
  const time = new ManualRuntime();
  const names = Array.from({ length: count }, (_, index) => 'abcdefghi'.charAt(index));
  const servers = names.map(() => {
    const server = new TestServer();
    server.clock = () => time.wallNow();
    server.expiry = () => time.now();
    return server;
  });
  const process = ({
    subscribers = count,
    roundTrip = 0,
    node,
    ...options
  }: ProcessOptions = {}) => {
    const nodes = servers.map((server, index) => {
      const name = names[index] ?? '';
      return new TestNode(name, { ...node, server, subscribes: index < subscribers });
    });
    if (roundTrip > 0) for (const each of nodes) each.mode = after(time, roundTrip);
    // A test names those that it has.
    const [a, b, c, d, e] = nodes as [TestNode, TestNode, TestNode, TestNode, TestNode];
    return { ...redlockOver(nodes, options, time), a, b, c, d, e };
  };

  /** Who holds the key on each server. */
  const holders = async (key = 'r'): Promise<(string | null)[]> =>
    Promise.all(servers.map(async (server) => server.holderOf(key)));
  /** The fencing counter of the key on each server. */
  const counters = async (key = 'r'): Promise<(number | null)[]> =>
    Promise.all(servers.map(async (server) => server.counterOf(key)));
  /** For how many ms each server still has the key; 0: it has none. */
  const expiries = async (key = 'r'): Promise<number[]> =>
    Promise.all(servers.map(async (server) => server.expiryOf(key)));
  /** Gives the key to another on every server, or to nobody. */
  const steal = async (token?: string, key = 'r'): Promise<void> => {
    for (const server of servers) await server.steal(key, token);
  };
  /** On all servers. */
  const everywhere = <T>(value: T): T[] => servers.map(() => value);
  return {
    time,
    servers,
    process,
    ...process(first),
    holders,
    counters,
    expiries,
    steal,
    everywhere,
  };
}

export type World = ReturnType<typeof world>;
export type Process = ReturnType<World['process']>;

/** A world whose first process holds the resources; all nodes have answered. */
export async function held(
  resources: string | string[] = 'r',
  options: AcquireOptions = {},
  ttl = TTL,
): Promise<World & { lock: Lock }> {
  const all = world();
  const lock = await all.redlock.acquire(resources, ttl, options);
  await settle();
  return { ...all, lock };
}

/** A world in which another holds the resource on the first two servers: a quorum denies before the third answers. */
export async function heldElsewhere(resource = 'r', options?: ProcessOptions): Promise<World> {
  const all = world(3, options);
  for (const server of all.servers.slice(0, 2)) await server.steal(resource, 'another');
  return all;
}

/** A node that executes and answers so much later. */
export function after(time: ManualRuntime, ms: number): (command: Command) => void {
  return (command) => void time.setTimeout(() => command.reply(), ms);
}
