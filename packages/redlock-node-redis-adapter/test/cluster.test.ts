import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import { slotOf } from 'redlock-core/adapter';
import {
  type NodeRedisClusterMaster,
  type NodeRedisCommandOptions,
  nodeRedisNode,
} from '../src/index.js';

/** A client for one master. */
class FakeMaster extends EventEmitter {
  isOpen = true;
  isReady = true;
  isHung = false;
  readonly signals: AbortSignal[] = [];

  constructor(readonly address: string) {
    super();
    this.on('error', () => {});
  }

  async sendCommand(_args: string[], options?: NodeRedisCommandOptions): Promise<string> {
    if (options) this.signals.push(options.abortSignal);
    if (this.isHung) await new Promise(() => {});
    return this.address;
  }

  destroy(): void {
    this.isOpen = false;
    this.isReady = false;
    this.emit('end');
  }

  async connect(): Promise<void> {
    this.isOpen = true;
    this.isHung = false;
    this.emit('connect');
    this.isReady = true;
    this.emit('ready');
  }
}

/** A Cluster of two masters, each with half of the slots: `b` has the slot of the key `b`, `a` that of the key `a`. */
function fakeCluster() {
  const [a, b] = [new FakeMaster('a:1'), new FakeMaster('b:1')];
  const masters: NodeRedisClusterMaster[] = [a, b].map((client) => ({
    address: client.address,
    client,
  }));
  const serverOf = (slot: number): FakeMaster => (slot < 8192 ? b : a);
  const client = Object.assign(new EventEmitter(), {
    isOpen: true,
    masters,
    slots: Array.from({ length: 16_384 }, (_, slot) => {
      const address = serverOf(slot).address;
      return { master: masters.find((master) => master.address === address) ?? { address } };
    }),
    sendCommand: (
      key: string | undefined,
      _isReadonly: boolean | undefined,
      args: string[],
      options?: NodeRedisCommandOptions,
    ) => serverOf(slotOf(key ?? '')).sendCommand(args, options),
    connect: async () => {},
    nodeClient: async () => {},
    destroy: () => {},
  });
  const node = nodeRedisNode(client);
  const { cluster } = node;
  if (!cluster) throw new Error('The node is not one of a Cluster');
  const lock = (key: string): Promise<unknown> => node.call(['EVALSHA', 'sha', '1', key]);
  return { a, b, node, cluster, lock };
}

test('one hung master of a Cluster takes only its own slots away', async () => {
  const { a, b, node, lock } = fakeCluster();
  expect([await lock('a'), await lock('b')]).toEqual(['a:1', 'b:1']);
  b.isHung = true;
  let settled = 0;
  for (let i = 0; i < 40; i++) void lock('b').finally(() => settled++);
  for (let i = 0; i < 40; i++) expect(await lock('a')).toBe('a:1');
  expect(settled).toBe(0);
  expect(node.ready).toBe(true);
  a.destroy();
  b.destroy();
  expect(node.ready).toBe(false);
});

test('every master of a Cluster is asked, and the answers of all are awaited', async () => {
  const { b, cluster } = fakeCluster();
  expect(await cluster.callMasters(['INFO', 'server'])).toEqual(['a:1', 'b:1']);
  b.isHung = true;
  const asked = cluster.callMasters(['INFO', 'server']).then(() => 'answered');
  expect(await Promise.race([asked, new Promise(setImmediate)])).not.toBe('answered');
});

test('the connection to a silent master is replaced, and no other, and the new one is reported', async () => {
  const { a, b, node, cluster, lock } = fakeCluster();
  await lock('a');
  let reports = 0;
  node.onReady(() => reports++);
  b.isHung = true;
  const ended: string[] = [];
  for (const master of [a, b]) master.on('end', () => ended.push(master.address));
  cluster.reconnect?.(cluster.masterOf(slotOf('b')) ?? '');
  expect(await lock('b')).toBe('b:1');
  expect(ended).toEqual(['b:1']);
  expect(reports).toBe(1);
  // A name that the client does not know is no master's.
  cluster.reconnect?.('c:1');
  expect(ended).toEqual(['b:1']);
});

test('a command that waits to be written is aborted before anything is written on the next connection', async () => {
  const { b, node, lock } = fakeCluster();
  b.isHung = true;
  void lock('b');
  const [signal] = b.signals;
  expect(signal?.aborted).toBe(false);
  const wasAborted: (boolean | undefined)[] = [];
  node.onReady(() => wasAborted.push(signal?.aborted));
  await b.connect();
  expect(wasAborted).toEqual([true]);
});

test('a Cluster without a connection says why, until a master is connected again', async () => {
  const { a, b, node, lock } = fakeCluster();
  await lock('a');
  expect(node.lastError).toBeUndefined();
  for (const master of [a, b]) master.destroy();
  b.emit('error', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
  // This says no more than that there is no connection.
  b.emit('error', new Error('Socket closed unexpectedly'));
  expect(node.lastError).toMatchObject({ code: 'ECONNREFUSED' });
  await b.connect();
  expect(node.lastError).toBeUndefined();
  b.destroy();
  b.emit('error', new Error('Socket closed unexpectedly'));
  expect(node.lastError).toMatchObject({ message: 'Socket closed unexpectedly' });
});
