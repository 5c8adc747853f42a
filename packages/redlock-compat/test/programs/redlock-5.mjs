// A program for redlock 5 that uses all of its interface, and prints what it sees. It runs against redlock 5 and
// against redlock-compat; only the import differs.
import { Redis } from 'ioredis';
import Redlock, { ExecutionError, Lock, ResourceLockedError } from 'redlock';

const ports = process.argv.slice(2).map(Number);
const clients = ports.map((port) => new Redis({ port }));
// A node that is connected too late for a grant has no vote for the release.
await Promise.all(clients.map((client) => client.ping()));
const seen = {};
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function outcomeOf(act) {
  try {
    return { resolved: await act() };
  } catch (error) {
    return { rejected: error.name, isExecutionError: error instanceof ExecutionError };
  }
}

async function votesOf(attempts) {
  const all = await Promise.all(attempts);
  return all.map(({ membershipSize, quorumSize, votesFor, votesAgainst }) => ({
    membershipSize,
    quorumSize,
    for: clients.filter((client) => votesFor.has(client)).length,
    against: clients.filter((client) => votesAgainst.has(client)).length,
    reasons: [...new Set([...votesAgainst.values()].map((error) => error.name))],
  }));
}

async function messagesOf({ attempts }) {
  const all = await Promise.all(attempts);
  const messages = all.flatMap(({ votesAgainst }) => [...votesAgainst.values()]);
  return [...new Set(messages.map(({ message }) => message))];
}

// Construction and settings.
const redlock = new Redlock(clients, { retryDelay: 20, retryJitter: 10 });
const errors = [];
redlock.on('error', (error) => errors.push(error));
seen.settings = redlock.settings;
seen.defaults = new Redlock(clients).settings;
seen.clients = clients.every((client) => redlock.clients.has(client));
seen.noClients = await outcomeOf(async () => new Redlock([]));

// Acquire, on one and on several resources.
const acquiredAt = Date.now();
const one = await redlock.acquire(['one'], 5000);
seen.lock = {
  isLock: one instanceof Lock,
  redlock: one.redlock === redlock,
  resources: one.resources,
  value: typeof one.value,
  lasts: Math.floor((one.expiration - acquiredAt) / 100),
};
seen.votes = await votesOf(one.attempts);
seen.value = (await clients[0].get('one')) === one.value;
const several = await redlock.acquire(['x', 'y'], 5000);
seen.several = (await clients[1].mget('x', 'y')).every((value) => value === several.value);

// Held by somebody else.
const denied = await redlock.acquire(['one'], 1000, { retryCount: 2 }).catch((error) => error);
seen.denied = { name: denied.name, isExecutionError: denied instanceof ExecutionError };
seen.deniedVotes = await votesOf(denied.attempts);
seen.deniedMessages = await messagesOf(denied);
const [reasons] = await Promise.all(denied.attempts);
seen.emitsTheReasons = [...reasons.votesAgainst.values()].every((error) => errors.includes(error));
seen.errorEvents =
  errors.length > 0 && errors.every((error) => error instanceof ResourceLockedError);
const partly = await redlock
  .acquire(['free', 'one'], 1000, { retryCount: 0 })
  .catch((error) => error);
seen.allOrNothing = { attempts: partly.attempts.length, left: await clients[0].get('free') };
seen.partlyMessages = await messagesOf(partly);
const unreachable = new Redis({ port: 1, maxRetriesPerRequest: 0, retryStrategy: () => null });
unreachable.on('error', () => {});
const closed = await new Redlock([unreachable], { retryDelay: 10 })
  .acquire(['one'], 1000, { retryCount: 1 })
  .catch((error) => error);
seen.closed = { attempts: closed.attempts.length, messages: await messagesOf(closed) };
setTimeout(() => void several.release(), 50);
const waited = await redlock.acquire(['x'], 1000, { retryCount: -1 });
seen.waited = waited.attempts.length > 1;
await waited.release();

// Extend.
const extendedAt = Date.now();
const longer = await one.extend(9000);
seen.extended = {
  isAnother: longer !== one,
  formerExpiration: one.expiration,
  sameValue: longer.value === one.value,
  sameResources: longer.resources === one.resources,
  lasts: Math.floor((longer.expiration - extendedAt) / 100),
  isOnNodes: (await clients[2].pttl('one')) > 5000,
  votes: await votesOf(longer.attempts),
};
seen.extendFormer = await outcomeOf(() => one.extend(9000));
const shorter = await redlock.extend(longer, 2000, { retryCount: 0 });
seen.extendedToLess = Math.floor((shorter.expiration - extendedAt) / 100);
seen.fraction = await outcomeOf(() => shorter.extend(99.5));

// A lock that was rebuilt from its value.
const rebuilt = new Lock(redlock, ['one'], shorter.value, [], shorter.expiration);
const again = await rebuilt.extend(8000);
seen.rebuilt = {
  sameValue: again.value === shorter.value,
  held: (await clients[0].get('one')) === again.value,
};

// Release.
const released = await again.release();
seen.released = { keys: Object.keys(released), votes: await votesOf(released.attempts) };
seen.afterRelease = { expiration: again.expiration, keys: await clients[0].exists('one') };
const brief = await redlock.acquire(['brief'], 50);
await wait(100);
seen.extendExpired = await outcomeOf(() => brief.extend(1000));
seen.releaseExpired = await outcomeOf(async () =>
  Object.keys(await redlock.release(brief, { retryCount: 0 })),
);
const stolen = await redlock.acquire(['stolen'], 5000);
for (const client of clients) await client.set('stolen', 'somebody else');
seen.extendStolen = await outcomeOf(() => redlock.extend(stolen, 1000, { retryCount: 1 }));
seen.releaseStolen = await outcomeOf(() => redlock.release(stolen, { retryCount: 1 }));
seen.stolenStays = await clients[0].get('stolen');
const pair = await redlock.acquire(['left', 'right'], 5000);
for (const client of clients) await client.del('right');
const half = await redlock.release(pair, { retryCount: 0 }).catch((error) => error);
seen.halfReleased = { keys: await clients[0].exists('left'), messages: await messagesOf(half) };

// Using.
seen.using = await outcomeOf(() => redlock.using(['u'], 5000, async (signal) => signal.aborted));
seen.usingSettings = await outcomeOf(() =>
  redlock.using(['u'], 5000, { retryCount: 1 }, async () => 'done'),
);
seen.usingReleases = await clients[0].exists('u');
seen.usingThrows = await outcomeOf(() =>
  redlock.using(['u'], 5000, async () => {
    throw new RangeError('its own');
  }),
);
seen.usingExtends = await outcomeOf(() =>
  redlock.using(['u'], 1000, { automaticExtensionThreshold: 700 }, async (signal) => {
    await wait(1500);
    return [signal.aborted, await clients[0].exists('u')];
  }),
);
const lost = {};
lost.outcome = await outcomeOf(() =>
  redlock.using(
    ['u'],
    1000,
    { automaticExtensionThreshold: 700, retryCount: 0 },
    async (signal) => {
      for (const client of clients) await client.set('u', 'somebody else', 'PX', 5000);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      lost.signal = {
        aborted: signal.aborted,
        error: signal.error?.name,
        reason: signal.reason?.name,
      };
    },
  ),
);
seen.usingLoses = lost;
seen.shortDuration = await outcomeOf(() => redlock.using(['u'], 500, async () => {}));
seen.noRoutine = await outcomeOf(() => redlock.using(['v'], 5000, {}));

// Errors can be made, and the end.
seen.made = [new ExecutionError('m', []).attempts, new ResourceLockedError('m').message];
const ended = clients.map((client) => new Promise((resolve) => client.once('end', resolve)));
seen.quit = await outcomeOf(() => redlock.quit());
await Promise.all(ended);
console.log(JSON.stringify(seen));
