import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { expect, test } from '@jest/globals';
import { memoryNode } from 'redlock-core/memory';
import { Redlock } from 'redlock-core';
import {
  currentSignal,
  Locked,
  SingletonJob,
  RedlockModule,
  type RedlockModuleOptions,
} from 'redlock-nestjs';
import { rejectionOf } from 'test-kit/rejection';

const TTL = 60_000;

/** Work that ends when the test says so. */
class Work {
  readonly begun: Promise<void>;
  end: () => void = () => {};
  #begin: () => void = () => {};
  readonly #ended = new Promise<void>((resolve) => (this.end = resolve));

  constructor() {
    this.begun = new Promise((resolve) => (this.#begin = resolve));
  }

  async run(): Promise<void> {
    this.#begin();
    await this.#ended;
  }
}

@Injectable()
class Jobs {
  constructor(readonly redlock: Redlock) {}

  @Locked('locked', { ttl: TTL })
  async locked(work: Work): Promise<void> {
    await work.run();
  }

  @SingletonJob('once', { ttl: TTL, keepFor: 1 })
  async once(work: Work): Promise<void> {
    await work.run();
  }

  async using(work: Work): Promise<void> {
    await this.redlock.using('using', TTL, () => work.run());
  }

  @Locked('endless', { ttl: TTL, wait: Infinity })
  async endless(begun: (signal: AbortSignal | undefined) => void): Promise<void> {
    await new Promise<void>((resolve) => {
      const signal = currentSignal();
      signal?.addEventListener('abort', () => resolve());
      begun(signal);
    });
  }
}

/** An application whose nodes are unreachable once its Redlock has closed them. */
async function application(options?: Omit<RedlockModuleOptions, 'nodes'>) {
  const servers = ['a', 'b', 'c'].map((name) => memoryNode({ name }));
  const nodes = servers.map((node) => Object.assign(node, { close: async () => node.fail() }));
  const module = await Test.createTestingModule({
    imports: [RedlockModule.forRoot({ ...options, nodes })],
    providers: [Jobs],
  }).compile();
  const app = await module.init();
  const holders = async (resource: string): Promise<number> => {
    for (const node of nodes) node.recover();
    await using other = new Redlock(servers, { quarantine: false });
    return (await other.inspect(resource)).holders.length;
  };
  return { app, jobs: app.get(Jobs), holders };
}

test.each(['locked', 'once', 'using'] as const)(
  'a shutdown waits for work under a lock and releases the lock (%s)',
  async (name) => {
    const { app, jobs, holders } = await application();
    const work = new Work();
    const running = jobs[name](work);
    await work.begun;
    const closing = app.close();
    // A shutdown that does not wait has ended by then.
    await Promise.race([closing, sleep(200)]);
    work.end();
    await running;
    await closing;
    expect(await holders(name)).toBe(0);
  },
);

test('a shutdown waits for drainTimeout at most, and then aborts the signals', async () => {
  const { app, jobs } = await application({ drainTimeout: 20 });
  let running: Promise<void> = Promise.resolve();
  const signal = await new Promise<AbortSignal | undefined>((resolve) => {
    running = jobs.endless(resolve);
  });
  await app.close();
  expect(signal?.aborted).toBe(true);
  await running;
});

test('a shutdown does not wait for methods that have no lock yet', async () => {
  const { app, jobs } = await application({ drainTimeout: 2 ** 31 - 1 });
  const other = await jobs.redlock.acquire('endless', TTL);
  const waiting = rejectionOf(jobs.endless(() => {}));
  await app.close();
  expect(await waiting).toMatchObject({ code: 'CLOSED' });
  await other.release();
});

test.each([-1, NaN, Infinity, 2 ** 31, '10'])(
  'drainTimeout %s is refused',
  async (drainTimeout) => {
    const error = await rejectionOf(application({ drainTimeout: drainTimeout as number }));
    expect(error).toBeInstanceOf(RangeError);
    expect(String(error)).toContain('drainTimeout');
  },
);
