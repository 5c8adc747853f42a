/**
 * A serverless function, as AWS Lambda runs them. A process serves one invocation after another. It is frozen
 * between two of them, it may stand still at any other time, and it may be killed without notice.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redlock, RedlockError, ResourceLockedError } from 'redlock-core';
import { openNodes } from '../nodes.js';

interface Event {
  readonly invoice: string;
}

/** What of the context of AWS Lambda is used here. */
interface Context {
  getRemainingTimeInMillis(): number;
}

interface Response {
  readonly statusCode: number;
}

/** How long others wait, in ms, after a process was killed or frozen with the lock. */
const TTL = 5000;

/** Kept of the time of an invocation, in ms: to stop the work, give the lock back and answer. */
const MARGIN = 1000;

/** Stands for the time that the work takes, in ms. */
const WORK = Number(process.env['WORK_MS'] ?? 200);

// Outside the handler, so that all invocations of this process share the connections.
const redlock = new Redlock(openNodes(), {
  // This process cannot know whether a node restarted before it. So it trusts no node with an uptime of less than …
  quarantine: 'strict',
  // … this, in ms: the longest ttl of any program that uses these nodes.
  quarantineTime: 10_000,
});

// Connects during the cold start. If that fails, the first invocation reports why.
await redlock.connect({ wait: 2000 }).catch(() => {});

export async function handler({ invoice }: Event, context: Context): Promise<Response> {
  const left = Math.max(0, context.getRemainingTimeInMillis() - MARGIN);
  const timeout = AbortSignal.timeout(left);
  try {
    // Half of the time is for waiting, the other half for the work.
    await redlock.using(`invoice:${invoice}`, TTL, { wait: left / 2 }, (signal) =>
      send(invoice, AbortSignal.any([signal, timeout])),
    );
    return { statusCode: 200 };
  } catch (error) {
    if (ResourceLockedError.is(error)) return { statusCode: 409 };
    // Nodes failed or are in quarantine, the lock was lost, or the time was too short.
    if (RedlockError.is(error) || timeout.aborted) return { statusCode: 503 };
    throw error;
  }
}

/** Stands for the work, which stops when it must: `fetch` takes the signal, for example. */
async function send(invoice: string, signal: AbortSignal): Promise<void> {
  console.log(`sending ${invoice}`);
  await sleep(WORK, undefined, { signal }).catch(() => signal.throwIfAborted());
  console.log(`sent ${invoice}`);
}

// Told to processes that have an extension; the others are killed, and their locks end with their ttl.
process.once('SIGTERM', () => void redlock.close({ release: true }));
