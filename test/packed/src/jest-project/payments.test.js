const { Redlock } = require('redlock-core');
const { memoryNode } = require('redlock-core/memory');
const { Payments } = require('./payments.js');

/** Answers when the test says so, and gives up when its signal aborts. */
class Bank {
  charge = jest.fn(
    (order, { signal }) =>
      new Promise((resolve, reject) => {
        this.answer = resolve;
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  );
}

let nodes, redlocks, bank, server, otherServer;

beforeEach(() => {
  jest.useFakeTimers();
  nodes = ['a', 'b', 'c'].map((name) => memoryNode({ name }));
  redlocks = [new Redlock(nodes), new Redlock(nodes)];
  bank = new Bank();
  [server, otherServer] = redlocks.map((redlock) => new Payments(redlock, bank));
});

afterEach(() => Promise.all(redlocks.map((redlock) => redlock.close())));

test('of two clicks that reach two servers, one pays', async () => {
  const paying = server.pay('42');
  expect(await otherServer.pay('42')).toBe('in progress');
  bank.answer();
  expect(await paying).toBe('paid');
  expect(bank.charge).toHaveBeenCalledTimes(1);
});

test('nothing is charged while most nodes are away', async () => {
  nodes[0].fail();
  nodes[1].fail();
  expect(await server.pay('42')).toBe('try again later');
  expect(bank.charge).not.toHaveBeenCalled();
});

test('a payment may take longer than the ttl', async () => {
  const paying = server.pay('42');
  await jest.advanceTimersByTimeAsync(60_000);
  expect(await otherServer.pay('42')).toBe('in progress');
  bank.answer();
  expect(await paying).toBe('paid');
});

test('a payment is given up when its lock is lost', async () => {
  const paying = server.pay('42').catch((error) => error);
  await jest.advanceTimersByTimeAsync(0);
  for (const node of nodes) node.clear();
  await jest.advanceTimersByTimeAsync(4000);
  expect(await paying).toMatchObject({ code: 'LOCK_LOST', reason: 'NOT_HELD' });
});

test('another server may pay when this one has hung for longer than the ttl', async () => {
  const paying = server.pay('42').catch((error) => error);
  await jest.advanceTimersByTimeAsync(0);
  // All timers before any promise, so nothing extends the lock.
  jest.advanceTimersByTime(11_000);
  expect(await paying).toMatchObject({ code: 'LOCK_LOST' });
  const payingAgain = otherServer.pay('42');
  await jest.advanceTimersByTimeAsync(0);
  bank.answer();
  expect(await payingAgain).toBe('paid');
});
