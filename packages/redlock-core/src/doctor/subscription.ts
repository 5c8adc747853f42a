import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import pTimeout from 'p-timeout';
import type { Questions } from './questions.js';

/** The pause between two looks, in ms. */
const PAUSE = 20;

/**
 * Subscribes to two channels as a waiter does, on a connection of its own, and leaves both.
 * @returns the missing right, as ACL SETUSER takes it; null: none is missing, or the client cannot subscribe
 */
export async function missingSubscription(
  questions: Questions,
  channel: string,
): Promise<string | null> {
  const { node, wait } = questions;
  if (!node.subscribes) return null;
  const [first, second] = [subscribe(questions, channel), subscribe(questions, `${channel}-2`)];
  try {
    const isConfirmed = await pTimeout(
      Promise.all([first.confirmed, second.confirmed]).then(() => true),
      { milliseconds: wait, fallback: () => false },
    );
    if (!isConfirmed) return '+subscribe';
    // The other subscription keeps the connection open, so this one ends by a command.
    first.end();
    return (await hasNoReceiver(questions, channel)) ? null : '+unsubscribe';
  } finally {
    first.end();
    second.end();
  }
}

interface Subscription {
  readonly confirmed: Promise<void>;
  readonly end: () => void;
}

function subscribe({ node }: Questions, channel: string): Subscription {
  let end: (() => void) | undefined;
  const confirmed = new Promise<void>((resolve) => {
    end = node.subscribe(
      channel,
      () => resolve(),
      () => {},
    );
  });
  return { confirmed, end: () => end?.() };
}

/** PUBLISH replies with the number of receivers. */
async function hasNoReceiver(questions: Questions, channel: string): Promise<boolean> {
  const deadline = performance.now() + questions.wait;
  for (;;) {
    const { reply = 0 } = await questions.ask('PUBLISH', channel, '');
    if (Number(reply) === 0) return true;
    if (performance.now() > deadline) return false;
    await sleep(PAUSE);
  }
}
