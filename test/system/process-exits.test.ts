import { expect, test } from '@jest/globals';
import { Actor, Deployment, pace, until } from 'test-kit';

const TTL = 60_000;
/** Two thirds are left for a stall when it is extended. */
const SHORT = 1200;
/** No poll is due while a test lasts. */
const patient = { pollInterval: 10 * pace.limit };

test.each<{ what: string; prepare: (actor: Actor) => Promise<unknown> }>([
  {
    what: 'holds locks that are extended',
    prepare: async (actor) => {
      const names = Array.from({ length: 20 }, (_, index) => `r${index}`);
      await Promise.all(names.map((name) => actor.acquire(name, SHORT, { autoExtend: true })));
      await until('one is extended', () => actor.events.some(({ event }) => event === 'extended'));
    },
  },
  {
    what: 'has released a lock',
    prepare: async (actor) => actor.release(await actor.acquire('r', TTL, { autoExtend: true })),
  },
  {
    what: 'observes an election',
    prepare: (actor) => actor.ask('observe', { name: 'office', ttl: TTL }),
  },
  {
    what: 'waited for a lock until the wait was canceled',
    prepare: async (actor) => {
      await actor.acquire('r', TTL);
      const waiting = actor.acquire('r', TTL, patient).catch(() => 'canceled');
      await until('it waits', () => actor.events.some(({ event }) => event === 'contended'));
      await actor.ask('cancel');
      expect(await waiting).toBe('canceled');
    },
  },
])(
  'failure 14: a process that $what exits by itself when its clients are closed',
  async ({ prepare }) => {
    await using deployment = await Deployment.start(1);
    const actor = await Actor.start(deployment);
    await prepare(actor);
    expect(await actor.leave()).toBe(0);
  },
);

test('failure 14: a process exits by itself when the Redlock over its URLs was closed', async () => {
  await using deployment = await Deployment.start(1);
  const actor = await Actor.start(deployment, { nodes: deployment.urls });
  await actor.acquire('r', TTL);
  await actor.ask('close');
  expect(await actor.leave()).toBe(0);
});
