import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import pTimeout from 'p-timeout';
import type { RedisNode } from 'redlock-core';
import type { Questions } from './answer.js';
import type { MissingRight } from './rights.js';

/** The pause between two looks, in ms. */
const PAUSE = 20;

/**
 * Subscribes to two channels as a waiter does, on a connection of its own, and leaves both.
 * @param wait for how long to wait for the server, in ms
 * @returns the right that is missing for that; null: none, or the client cannot subscribe
 */
export async function readHearing(
  node: RedisNode,
  questions: Questions,
  channel: string,
  wait: number,
): Promise<MissingRight | null> {
  if (!node.subscribe) return null;
  const [first, second] = [listenTo(node, channel), listenTo(node, `${channel}-2`)];
  try {
    const isHeard = await pTimeout(
      Promise.all([first.heard, second.heard]).then(() => true),
      { milliseconds: wait, fallback: () => false },
    );
    if (!isHeard) return { purpose: 'waiting', right: '+subscribe' };
    // The connection stays open for the other channel, so this one has to be given up by a command.
    first.end();
    const isLeft = await hasNoListener(questions, channel, wait);
    return isLeft ? null : { purpose: 'waiting', right: '+unsubscribe' };
  } finally {
    first.end();
    second.end();
  }
}

interface Ear {
  readonly heard: Promise<void>;
  readonly end: () => void;
}

function listenTo(node: RedisNode, channel: string): Ear {
  let end: (() => void) | undefined;
  const heard = new Promise<void>((resolve) => {
    end = node.subscribe?.(channel, () => resolve());
  });
  return { heard, end: () => end?.() };
}

/** A server says to whoever publishes how many hear it. */
async function hasNoListener(
  questions: Questions,
  channel: string,
  wait: number,
): Promise<boolean> {
  const deadline = performance.now() + wait;
  for (;;) {
    const { reply = 0 } = await questions.ask('PUBLISH', channel, '');
    if (Number(reply) === 0) return true;
    if (performance.now() > deadline) return false;
    await sleep(PAUSE);
  }
}
