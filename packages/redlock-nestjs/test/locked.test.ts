import 'reflect-metadata';
import { Controller, Get, Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, test } from '@jest/globals';
import { memoryNode } from 'redlock-core/memory';
import { Redlock, ResourceLockedError } from 'redlock-core';
import { currentLock, Locked, SingletonJob, RedlockModule } from 'redlock-nestjs';
import { rejectionOf } from 'test-kit/rejection';

const TTL = 10_000;

@Injectable()
class Shop {
  readonly done: unknown[] = [];
  readonly prefix = 'order:';

  @Locked('stock', { ttl: TTL })
  async count(): Promise<number> {
    this.done.push(currentLock()?.resources);
    return 42;
  }

  @Locked(
    function (this: Shop, id: number) {
      return `${this.prefix}${id}`;
    },
    { ttl: TTL, wait: 0 },
  )
  async ship(id: number, how: string): Promise<string> {
    return `${id} ${how} ${currentLock()?.resources.join()}`;
  }

  @Locked('skipped', { ttl: TTL, onLocked: 'skip' })
  async skipped(act: () => Promise<unknown>): Promise<unknown> {
    return await act();
  }

  @Locked('patient', { ttl: TTL, wait: 5000, onLocked: 'skip' })
  async patient(): Promise<string | undefined> {
    return 'done';
  }

  @Locked('read', { ttl: TTL, mode: 'shared' })
  async read(): Promise<string | undefined> {
    return currentLock()?.mode;
  }

  @SingletonJob('job', { ttl: TTL, keepFor: TTL })
  async job(act: () => unknown): Promise<unknown> {
    return act();
  }
}

/** An application, and what is beside it on the same nodes. */
async function shop() {
  const nodes = ['a', 'b', 'c'].map((name) => memoryNode({ name }));
  const module = await Test.createTestingModule({
    imports: [RedlockModule.forRoot({ nodes, owner: 'shop' })],
    providers: [Shop],
  }).compile();
  const app = await module.init();
  return { app, shop: module.get(Shop), other: new Redlock(nodes), redlock: module.get(Redlock) };
}

describe('a locked method', () => {
  test('runs under its lock, with its object and arguments, and gives its result', async () => {
    const { shop: one, other } = await shop();
    expect(await one.count()).toBe(42);
    expect(one.done).toEqual([['stock']]);
    expect(await one.ship(7, 'by sea')).toBe('7 by sea order:7');
    expect(currentLock()).toBeUndefined();
    expect(await other.tryAcquire(['stock', 'order:7'], TTL)).not.toBeNull();
  });

  test('throws if others hold the lock until the wait is over', async () => {
    const { shop: one, other } = await shop();
    await other.acquire('order:7', TTL);
    expect(ResourceLockedError.is(await rejectionOf(one.ship(7, 'by sea')))).toBe(true);
  });

  test('is skipped at once with onLocked: skip', async () => {
    const { shop: one, other } = await shop();
    const lock = await other.acquire('skipped', TTL);
    const begun = performance.now();
    expect(await one.skipped(async () => 'done')).toBeUndefined();
    expect(performance.now() - begun).toBeLessThan(4000);
    await lock.release();
    expect(await one.skipped(async () => 'done')).toBe('done');
  });

  test('waits before it is skipped if it has a wait', async () => {
    const { shop: one, other } = await shop();
    const lock = await other.acquire('patient', TTL);
    const result = one.patient();
    await lock.release();
    expect(await result).toBe('done');
  });

  test('is not taken for skipped if it finds another lock busy itself', async () => {
    const { shop: one, other } = await shop();
    await other.acquire('order:7', TTL);
    const error = await rejectionOf(one.skipped(() => one.ship(7, 'by sea')));
    expect(error).toMatchObject({ resources: ['order:7'] });
  });

  test('can share its lock', async () => {
    const { shop: one, other } = await shop();
    await other.acquire('read', TTL, { mode: 'shared' });
    expect(await one.read()).toBe('shared');
  });

  test('keeps what other decorators have noted, above and below', async () => {
    @Controller()
    class Pages {
      @Get('above')
      @Locked('page', { ttl: TTL })
      async above(): Promise<void> {}

      @Locked('page', { ttl: TTL })
      @Get('below')
      async below(): Promise<void> {}
    }
    const paths = ['above', 'below'].map((name) => {
      const method: () => unknown = Reflect.get(Pages.prototype, name);
      return [method.name, Reflect.getMetadata('path', method)];
    });
    expect(paths).toEqual([
      ['above', 'above'],
      ['below', 'below'],
    ]);
  });

  test('takes a key that its arguments do not fit for an error of types', () => {
    class Wrong {
      // @ts-expect-error the key is made from a number, and the method is given a string
      @Locked((id: number) => `order:${id}`, { ttl: TTL })
      async ship(_id: string): Promise<void> {}

      // @ts-expect-error a method that returns no promise cannot wait for its lock
      @SingletonJob('job', { ttl: TTL, keepFor: TTL })
      job(): number {
        return 1;
      }

      // @ts-expect-error the caller of a skipped method is given undefined
      @Locked('skipped', { ttl: TTL, onLocked: 'skip' })
      async skipped(): Promise<number> {
        return 1;
      }

      // @ts-expect-error the same holds for a job
      @SingletonJob('job', { ttl: TTL, keepFor: TTL })
      async report(): Promise<number> {
        return 1;
      }

      @Locked('skipped', { ttl: TTL, onLocked: 'skip' })
      async skippable(): Promise<number | undefined> {
        return 1;
      }

      @Locked((id: number) => `order:${id}`, { ttl: TTL, onLocked: 'skip' })
      async nothing(_id: number): Promise<void> {}
    }
    expect(Wrong).toBeDefined();
  });

  test('says what to do if its object has no Redlock', async () => {
    const error = await rejectionOf(new Shop().count());
    expect(String(error)).toContain(
      'Shop.count runs under a lock, but Nest has not made its object',
    );
  });
});

describe('a method that runs once', () => {
  test('is skipped while another process runs it, and for as long as it says after', async () => {
    const { shop: one } = await shop();
    const done: string[] = [];
    const results = await Promise.all(
      ['first', 'second'].map((name) => one.job(() => done.push(name))),
    );
    expect(done).toHaveLength(1);
    expect(results.filter((result) => result === undefined)).toHaveLength(1);
    expect(await one.job(() => 'again')).toBeUndefined();
  });

  test.each([-1, 0, 0.5, NaN, Infinity])('is not kept for %d ms', (keepFor) => {
    expect(() => SingletonJob('job', { ttl: TTL, keepFor })).toThrow(RangeError);
  });

  test('is not run again at once if it fails, and the error is its caller’s', async () => {
    const { shop: one } = await shop();
    const failure = new Error('the job');
    const fail = () => {
      throw failure;
    };
    expect(await rejectionOf(one.job(fail))).toBe(failure);
    expect(await one.job(() => 'again')).toBeUndefined();
  });
});
