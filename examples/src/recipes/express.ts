/**
 * Express: an order is paid once, however often its form is submitted and whichever server a submission reaches. Start
 * it twice, with another PORT each, and send both the same order.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { type Lock, Redlock, RedlockError } from 'redlock-core';
import { openNodes } from '../nodes.js';

/**
 * For how long an order is kept after it was paid, in ms: until every server can read that it is. Clients trust no node that
 * was restarted less long ago, because it may have forgotten what it kept.
 */
const KEEP_FOR = 60_000;

/** Stands for the time that the payment provider takes, in ms. */
const BANK = Number(process.env['BANK_MS'] ?? 500);

type LockedHandler = (request: Request, response: Response, lock: Lock) => Promise<void>;

/**
 * Lets one request at a time reach the handler for each resource, and none for a while after one that succeeded.
 * The others get 409.
 */
function once(
  redlock: Redlock,
  resourceOf: (request: Request) => string,
  handle: LockedHandler,
): RequestHandler {
  return async (request, response) => {
    // Released at the end of the block, also if the handler throws: the customer may retry at once.
    await using lock = await redlock.tryAcquire(resourceOf(request), 10_000, { autoExtend: true });
    if (lock === null) {
      response.status(409).json({ error: 'Already submitted' });
      return;
    }
    await handle(request, response, lock);
    if (response.statusCode < 400) await lock.release({ keepFor: KEEP_FOR });
  };
}

/** Too many nodes failed, or the lock was lost. */
const answerUnavailable: ErrorRequestHandler = (error, _request, response, next) => {
  if (RedlockError.is(error) && !response.headersSent) {
    response.set('Retry-After', '5').status(503).json({ error: 'Please retry' });
  } else next(error);
};

function paymentOf({ body }: Request): string {
  const { order } = (body ?? {}) as { order?: unknown };
  if (typeof order === 'string' && /^[\w-]{1,40}$/.test(order)) return `payment:${order}`;
  throw Object.assign(new Error('No order'), { status: 400 });
}

const pay: LockedHandler = async ({ body }, response, { signal }) => {
  const { order, card } = body as { order: string; card: string };
  const isPaid = await charge(order, card, signal);
  response.status(isPaid ? 201 : 402).json({ order, isPaid });
};

/** Stands for a payment provider. Give a real one the order as its idempotency key as well. */
async function charge(order: string, card: string, signal: AbortSignal): Promise<boolean> {
  console.log(`charging order ${order}`);
  // As `fetch` does, this rejects with the LockLostError when the lock is lost.
  await sleep(BANK, undefined, { signal }).catch(() => signal.throwIfAborted());
  return card !== 'expired';
}

const redlock = new Redlock(openNodes(), { quarantineTime: KEEP_FOR });
const app = express();
app.post('/payments', express.json(), once(redlock, paymentOf, pay));
app.use(answerUnavailable);

const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') console.log(`listens at http://127.0.0.1:${address?.port}`);
});

process.once('SIGTERM', () => {
  // Else, a connection over which a request is answered from now on would be kept open for 5 s more.
  server.keepAliveTimeout = 1;
  // Requests under way are answered first.
  server.close(() => void redlock.close());
});
