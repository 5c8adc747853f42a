// A program for redlock 4 that uses all of its interface, and prints what it sees. It runs against redlock 4 and
// against redlock-compat/v4; only the import differs.
const { using } = require('bluebird');
const { Redis } = require('ioredis');
const Redlock = require('redlock');

const ports = process.argv.slice(2).map(Number);
const clients = ports.map((port) => new Redis({ port }));
const seen = {};
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function outcomeOf(act) {
  try {
    return { resolved: await act() };
  } catch (error) {
    const { name, attempts } = error;
    return { rejected: name, isLockError: error instanceof Redlock.LockError, attempts };
  }
}

/** The arguments with which a callback is called. */
function called(act) {
  return new Promise((resolve) => {
    act((...args) => resolve(args));
  });
}

async function main() {
  // A node that is connected too late for a grant has no vote for the release.
  await Promise.all(clients.map((client) => client.ping()));
  // Construction and options.
  const redlock = new Redlock(clients, { retryDelay: 20, retryJitter: 10 });
  const clientErrors = [];
  redlock.on('clientError', (error) => clientErrors.push(error));
  const { driftFactor, retryCount, retryDelay, retryJitter, servers } = redlock;
  seen.options = { driftFactor, retryCount, retryDelay, retryJitter, servers: servers.length };
  const plain = new Redlock(clients);
  seen.defaults = [plain.driftFactor, plain.retryCount, plain.retryDelay, plain.retryJitter];
  seen.noClients = await outcomeOf(async () => new Redlock([]));

  // Lock, by each of its names.
  const lockedAt = Date.now();
  const lock = await redlock.lock('one', 5000);
  seen.lock = {
    isLock: lock instanceof Redlock.Lock,
    redlock: lock.redlock === redlock,
    resource: lock.resource,
    held: (await clients[0].get('one')) === lock.value,
    lasts: Math.floor((lock.expiration - lockedAt) / 100),
    attempts: lock.attempts,
    attemptsRemaining: lock.attemptsRemaining,
  };
  const several = await redlock.acquire(['x', 'y'], 5000);
  seen.several = several.resource;
  const options = { retryCount: 2, retryDelay: 10, retryJitter: 5 };
  seen.lockWithOptions = await outcomeOf(() => redlock.lockWithOptions('one', 1000, options));
  seen.acquireWithOptions = await outcomeOf(() => redlock.acquireWithOptions('one', 1000, options));
  seen.once = await outcomeOf(() => redlock.lockWithOptions('one', 1000, { retryCount: 0 }));
  const granted = await redlock.lockWithOptions('two', 1000, options);
  seen.remaining = [granted.attempts, granted.attemptsRemaining];

  // Extend.
  const extendedAt = Date.now();
  const extended = await lock.extend(9000);
  seen.extended = {
    isSame: extended === lock,
    lasts: Math.floor((lock.expiration - extendedAt) / 100),
    isOnNodes: (await clients[2].pttl('one')) > 5000,
  };
  await redlock.extend(lock, 2000);
  seen.extendedToLess = Math.floor((lock.expiration - extendedAt) / 100);

  // A lock that was rebuilt from its value.
  const rebuilt = new Redlock.Lock(redlock, 'one', lock.value, lock.expiration, 0, 0);
  await rebuilt.extend(8000);
  seen.rebuilt = {
    value: rebuilt.value === lock.value,
    held: (await clients[0].get('one')) === lock.value,
  };

  // Unlock, by each of its names.
  seen.unlocked = await outcomeOf(() => rebuilt.unlock());
  seen.afterUnlock = [rebuilt.expiration, await clients[0].exists('one')];
  seen.released = await outcomeOf(() => redlock.release(several));
  seen.unlockedByRedlock = await outcomeOf(() => redlock.unlock(granted));
  const brief = await redlock.lock('brief', 50);
  await wait(100);
  seen.extendExpired = await outcomeOf(() => brief.extend(1000));
  seen.unlockExpired = await outcomeOf(() => brief.unlock());
  const stolen = await redlock.lock('stolen', 5000);
  for (const client of clients) await client.set('stolen', 'somebody else');
  const stolenOutcome = await outcomeOf(() => stolen.extend(1000));
  seen.extendStolen = { ...stolenOutcome, stays: await clients[0].get('stolen') };
  seen.unlockStolen = await outcomeOf(() => stolen.unlock());

  // Callbacks.
  const [noError, called1] = await called((callback) => redlock.lock('c', 5000, callback));
  seen.lockCallback = [noError, called1 instanceof Redlock.Lock];
  const [error, ...rest] = await called((callback) =>
    redlock.lockWithOptions('c', 1000, { retryCount: 1, retryDelay: 5 }, callback),
  );
  seen.errorCallback = [error.name, rest.length];
  const extendArgs = await called((callback) => called1.extend(6000, callback));
  seen.extendCallback = [extendArgs[0], extendArgs[1] === called1];
  seen.unlockCallback = await called((callback) => called1.unlock(callback));

  // Disposers.
  const told = [];
  seen.disposer = await using(redlock.disposer('d', 5000), async (held) => [
    held.resource,
    await clients[0].exists('d'),
  ]);
  await wait(20);
  seen.disposed = await clients[0].exists('d');
  await using(
    redlock.disposer('d', 5000, (e) => told.push(e.name)),
    async () => {
      for (const client of clients) await client.set('d', 'somebody else', 'PX', 5000);
    },
  );
  seen.unlockErrorHandler = told;
  seen.disposerThrows = await outcomeOf(() =>
    using(redlock.disposer('f', 5000), () => {
      throw new RangeError('its own');
    }),
  );

  // Errors, and the end.
  const made = new Redlock.LockError('m', 3);
  seen.made = [made.name, made.message, made.attempts, new Redlock.LockError().message];
  seen.clientErrors = clientErrors.length;
  seen.quit = (await called((callback) => redlock.quit(callback)))[1];
  console.log(JSON.stringify(seen));
}

void main();
