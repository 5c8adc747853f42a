const { QuorumError, Redlock } = require('redlock-core');
const { memoryNode } = require('redlock-core/memory');

const nodes = ['a', 'b', 'c'].map((name) => memoryNode({ name }));
const redlock = new Redlock(nodes);

beforeEach(() => {
  jest.useRealTimers();
  for (const node of nodes) node.recover();
});

afterAll(() => redlock.close());

test('says that payment is not possible now when most nodes are away', async () => {
  nodes[0].fail();
  nodes[1].fail();
  await expect(redlock.acquire('invoice:42', 10_000, { wait: 0 })).rejects.toThrow(QuorumError);
});

test('stops when the lock is lost', async () => {
  const paying = redlock.using('invoice:42', 300, async (signal) => {
    for (const node of nodes) node.clear();
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  await expect(paying).rejects.toMatchObject({ code: 'LOCK_LOST', cause: { code: 'TAKEN' } });
});
