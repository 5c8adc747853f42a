import { expect, test } from '@jest/globals';
import type { RedlockOptions, RedlockEvents } from 'redlock-core';
import { settle } from '../support/settle.js';
import { TestNode } from '../support/test-node.js';
import { nodesNamed, redlockOver, TTL } from '../support/world.js';

type Warning = RedlockEvents['warning'];

async function warningsOver(nodes: readonly TestNode[], options: RedlockOptions = {}) {
  const { redlock, runtime } = redlockOver(nodes, options);
  const warnings: Warning[] = [];
  redlock.on('warning', (warning) => void warnings.push(warning));
  await settle();
  return { redlock, runtime, warnings, codes: () => warnings.map(({ code }) => code) };
}

/** A node whose server answers INFO of a section with this. */
function showing(name: string, sections: Record<string, string>): TestNode {
  const node = new TestNode(name);
  const ask = node.call.bind(node);
  node.call = async (args): Promise<unknown> => {
    const shown = args[0] === 'INFO' ? sections[args[1] ?? ''] : undefined;
    return shown ?? ask(args);
  };
  return node;
}

const EVICTS = { memory: '# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n' };
const FORGETS = { persistence: '# Persistence\r\nloading:0\r\naof_enabled:0\r\n' };

test.each([
  [1, ['FEW_NODES']],
  [2, ['FEW_NODES', 'EVEN_NODES']],
  [3, []],
  [4, ['EVEN_NODES']],
  [5, []],
])('%d nodes have the warnings %j', async (count, expected) => {
  expect((await warningsOver(nodesNamed(count))).codes()).toEqual(expected);
});

test('telemetry: a warning is emitted once, to all who listen in the turn of the first listener', async () => {
  const { redlock } = redlockOver(nodesNamed(1));
  const heard: string[] = [];
  for (const name of ['first', 'second']) redlock.on('warning', () => void heard.push(name));
  await settle();
  redlock.on('warning', () => void heard.push('late'));
  await redlock.acquire('r', TTL);
  await settle();
  expect(heard).toEqual(['first', 'second']);
});

test('each server that evicts keys has a warning with the setting that fixes it', async () => {
  const nodes = [showing('a', EVICTS), new TestNode('b'), showing('c', EVICTS)];
  const { warnings } = await warningsOver(nodes);
  const message = expect.stringMatching(/allkeys-lru.*noeviction/);
  expect(warnings).toEqual([
    { node: 'a', code: 'EVICTION', message },
    { node: 'c', code: 'EVICTION', message },
  ]);
});

test('servers without persistence have a warning if quarantine is off', async () => {
  const nodes = ['a', 'b', 'c'].map((name) => showing(name, FORGETS));
  const trusting = await warningsOver(nodes, { quarantine: false });
  expect(trusting.codes()).toEqual(Array(3).fill('NO_PERSISTENCE'));
  expect((await warningsOver(nodes)).codes()).toEqual([]);
});

test('a server is asked once, on its first connection', async () => {
  const node = showing('a', EVICTS);
  node.ready = false;
  const { codes } = await warningsOver([node, ...nodesNamed(2)]);
  expect(codes()).toEqual([]);
  node.connected();
  await settle();
  node.disconnect();
  node.connected();
  await settle();
  expect(codes()).toEqual(['EVICTION']);
});

test('a server that may not be asked has no warning, and none is asked without a listener', async () => {
  const nodes = nodesNamed(3);
  redlockOver(nodes, { quarantine: false });
  await settle();
  for (const node of nodes) expect(node.questions).toEqual([]);
  for (const node of nodes) node.identifying = new Error('NOPERM no permissions');
  const { redlock, codes } = await warningsOver(nodes, { quarantine: false });
  await (await redlock.acquire('r', TTL)).release();
  expect(codes()).toEqual([]);
});

test('a quarantineTime that is shorter than a ttl in use has one warning', async () => {
  const { redlock, warnings } = await warningsOver(nodesNamed(3), { quarantineTime: 5000 });
  await redlock.acquire('r', 5000);
  expect(warnings).toEqual([]);
  const lock = await redlock.acquire('s', 6000);
  await lock.extend(7000);
  await lock.release({ keepFor: 8000 });
  await settle();
  const message = expect.stringMatching(/a ttl of 6000 ms is used, and quarantineTime is 5000 ms/);
  expect(warnings).toEqual([{ code: 'QUARANTINE_TOO_SHORT', message }]);
});

test('closing: no listener of a node stays after close()', async () => {
  const node = new TestNode('a');
  node.ready = false;
  const { redlock } = await warningsOver([node]);
  await redlock.close();
  expect(node.listeners).toBe(0);
});
