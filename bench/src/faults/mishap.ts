import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from 'test-kit';
import type { Actor } from './actor.js';

/** The processes of a scene: one holds, three wait, in the order in which they came. */
export interface Cast {
  readonly holder: Actor;
  readonly first: Actor;
  readonly second: Actor;
  readonly third: Actor;
}

/** A misfortune of one of them, while the holder holds. */
export interface Mishap {
  readonly name: string;
  readonly ttl: number;
  /** The one whose turn it is then. */
  readonly heir: 'first' | 'second';
  /** Nobody releases the lock. */
  readonly endsWithTtl?: boolean;
  /**
   * @param granted when the holder got the lock
   * @returns from when on nobody has the lock
   */
  happen(cast: Cast, granted: number): Promise<number>;
  /** @throws Error if it did not happen */
  check(cast: Cast): Promise<void>;
}

/** Far longer than a scene, in ms. */
const LONG = 10_000;
const SHORT = 1000;
/** So that nodes and clients have noticed, in ms. */
const NOTICE = 50;

const CALLED = 'the first to wait is called';
/** A busy machine takes this long at most to deliver a message and a signal, in ms. */
const SOON = 2000;

const nothing = (): Promise<void> => Promise.resolve();

export const UNHURT: Mishap = {
  name: 'nobody is hurt',
  ttl: LONG,
  heir: 'first',
  happen: ({ holder }) => holder.do('release', 'released'),
  check: nothing,
};

export const MISHAPS: readonly Mishap[] = [
  UNHURT,
  {
    name: 'the first to wait is killed while it waits',
    ttl: LONG,
    heir: 'second',
    happen: async ({ holder, first }) => {
      await first.kill();
      await sleep(NOTICE);
      return holder.do('release', 'released');
    },
    check: nothing,
  },
  {
    name: 'the first to wait is killed by the first message that it hears of the release',
    ttl: LONG,
    heir: 'second',
    happen: async ({ holder, first }) => {
      await first.do('die when called', 'armed');
      return holder.do('release', 'released');
    },
    check: ({ first }) => until(CALLED, () => first.isDead, SOON),
  },
  {
    name: 'the first to wait is stopped by the first message that it hears of the release',
    ttl: LONG,
    heir: 'second',
    happen: async ({ holder, first }) => {
      await first.do('stop when called', 'armed');
      return holder.do('release', 'released');
    },
    check: ({ first }) => until(CALLED, () => isStopped(first), SOON),
  },
  {
    name: `the holder is killed (from the end of its ttl of ${SHORT} ms)`,
    ttl: SHORT,
    heir: 'first',
    endsWithTtl: true,
    happen: async ({ holder }, granted) => {
      await holder.kill();
      return granted + SHORT;
    },
    check: nothing,
  },
];

function isStopped({ pid }: Actor): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.charAt(stat.lastIndexOf(')') + 2) === 'T';
}
