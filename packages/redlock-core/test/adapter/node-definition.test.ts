import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { type ConnectionReports, defineNode } from 'redlock-core/adapter';

interface Client {
  readonly name: string;
  isReady: boolean;
  connect?: () => unknown;
}

/** An adapter, and what it has reported of its latest client. */
function adapter() {
  let made = 0;
  const last: { reports?: ConnectionReports } = {};
  const nodeOf = defineNode((client: Client, reports) => {
    made++;
    last.reports = reports;
    reports.established();
    return {
      name: client.name,
      get ready() {
        return client.isReady;
      },
      call: async (args) => args,
      connect: () => client.connect?.(),
    };
  });
  return {
    nodeOf,
    get made() {
      return made;
    },
    get reports(): ConnectionReports {
      if (!last.reports) throw new Error('No node was made');
      return last.reports;
    },
  };
}

const REFUSED = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const CLOSED = new Error('the connection was closed');

test('nodes of one client share what was made of it, and have names and timeouts of their own', () => {
  const own = adapter();
  const client = { name: 'host:1', isReady: true };
  const nodes = [own.nodeOf(client), own.nodeOf(client, { name: 'a', timeout: 5 })];
  expect(nodes).toMatchObject([
    { name: 'host:1', timeout: undefined, client },
    { name: 'a', timeout: 5, client },
  ]);
  expect(own.made).toBe(1);
  let reports = 0;
  for (const node of nodes) node.onReady(() => reports++);
  own.reports.established();
  expect(reports).toBe(2);
  expect(own.nodeOf({ name: 'host:2', isReady: true }).name).toBe('host:2');
  expect(own.made).toBe(2);
});

test('a listener is called as often as it was added, until it is removed', () => {
  const own = adapter();
  const node = own.nodeOf({ name: 'a', isReady: true });
  let calls = 0;
  const listener = (): void => void calls++;
  expect(own.reports.isUsed()).toBe(false);
  const ends = [node.onReady(listener), node.onReady(listener)];
  own.reports.established();
  expect(calls).toBe(2);
  ends[0]?.();
  ends[0]?.();
  own.reports.established();
  expect(calls).toBe(3);
  expect(own.reports.isUsed()).toBe(true);
  ends[1]?.();
  expect(own.reports.isUsed()).toBe(false);
});

test('lastError is the reason of the present connection while the node is not ready, as plain data', () => {
  const own = adapter();
  const client = { name: 'a', isReady: false };
  const node = own.nodeOf(client);
  const { reports } = own;
  expect(node.lastError).toBeUndefined();
  reports.failed(Object.assign(REFUSED, { command: { args: ['AUTH', 'secret'] } }));
  reports.failed(CLOSED, true);
  expect(node.lastError).toEqual({
    name: 'Error',
    code: 'ECONNREFUSED',
    message: 'connect ECONNREFUSED',
  });
  reports.connecting();
  expect(node.lastError).toMatchObject({ code: 'ECONNREFUSED' });
  reports.failed(CLOSED, true);
  expect(node.lastError).toMatchObject({ message: CLOSED.message });
  client.isReady = true;
  expect(node.lastError).toBeUndefined();
  reports.established();
  client.isReady = false;
  expect(node.lastError).toBeUndefined();
});

test('a connection that is established before the node is ready leaves the reason why it is not', () => {
  const own = adapter();
  const node = own.nodeOf({ name: 'a', isReady: false });
  own.reports.failed(REFUSED);
  own.reports.established();
  expect(node.lastError).toMatchObject({ code: 'ECONNREFUSED' });
  own.reports.failed(CLOSED, true);
  expect(node.lastError).toMatchObject({ message: CLOSED.message });
});

test.each([
  ['throws', () => () => fail(CLOSED)],
  ['rejects', () => async () => fail(CLOSED)],
])('a connect that %s is why the node is not ready, if no event says more', async (_how, make) => {
  const own = adapter();
  const node = own.nodeOf({ name: 'a', isReady: false, connect: make() });
  node.connect();
  await new Promise(setImmediate);
  expect(node.lastError).toMatchObject({ message: CLOSED.message });
  own.reports.failed(REFUSED);
  node.connect();
  await new Promise(setImmediate);
  expect(node.lastError).toMatchObject({ code: 'ECONNREFUSED' });
});

test('connect is called once at a time, and not again at once after a failure', async () => {
  const own = adapter();
  let [calls, end] = [0, (): void => {}];
  const connect = (): Promise<void> => {
    calls++;
    return new Promise((_, reject) => (end = () => reject(REFUSED)));
  };
  const node = own.nodeOf({ name: 'a', isReady: false, connect });
  node.connect();
  node.connect();
  expect(calls).toBe(1);
  end();
  await new Promise(setImmediate);
  node.connect();
  expect(calls).toBe(1);
  await sleep(100);
  node.connect();
  expect(calls).toBe(2);
});

test('a client that the adapter refuses leaves nothing behind', () => {
  const nodeOf = defineNode((client: { isGood: boolean }) => {
    if (!client.isGood) throw new TypeError('no client');
    return { name: 'a', ready: true, call: async () => null };
  });
  const client = { isGood: false };
  expect(() => nodeOf(client)).toThrow('no client');
  client.isGood = true;
  expect(nodeOf(client)).toMatchObject({ name: 'a', ready: true });
  expect(nodeOf(client)).not.toHaveProperty('subscribe');
});

function fail(error: Error): never {
  throw error;
}
