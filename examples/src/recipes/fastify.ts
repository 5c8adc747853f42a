/**
 * Fastify: an order is paid once, however often its form is submitted and whichever server a submission reaches. Start
 * it twice, with another PORT each, and send both the same order.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import fastify, { type FastifyInstance } from 'fastify';
import { type Lock, Redlock, RedlockError } from 'redlock-core';
import { openNodes } from '../nodes.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The resource of a request. The handler runs once at a time for each. */
    readonly once?: (request: FastifyRequest) => string;
  }
  interface FastifyRequest {
    lock: Lock | null;
  }
}

/**
 * For how long an order is kept after it was paid, in ms: until every server can read that it is. Clients trust no node that
 * was restarted less long ago, because it may have forgotten what it kept.
 */
const KEEP_FOR = 60_000;

/** Stands for the time that the payment provider takes, in ms. */
const BANK = Number(process.env['BANK_MS'] ?? 500);

/**
 * Of routes with `once` in their config: lets one request at a time reach the handler for each resource, and none for
 * a while after one that succeeded. The others get 409.
 */
function runOnce(app: FastifyInstance, redlock: Redlock): void {
  app.decorateRequest('lock', null);
  app.addHook('onRoute', (route) => {
    const { handler } = route;
    const resourceOf = route.config?.once;
    if (!resourceOf) return;
    route.handler = async function handleOnce(request, reply): Promise<unknown> {
      const resource = resourceOf(request);
      // Released at the end of the block, also if the handler throws: the customer may retry at once.
      await using lock = await redlock.tryAcquire(resource, 10_000, { autoExtend: true });
      if (lock === null) return reply.code(409).send({ error: 'Already submitted' });
      request.lock = lock;
      const body: unknown = await handler.call(this, request, reply);
      if (reply.statusCode < 400) await lock.release({ keepFor: KEEP_FOR });
      return body;
    };
  });
  app.addHook('onClose', () => redlock.close());
}

const app = fastify();
runOnce(app, new Redlock(openNodes(), { quarantineTime: KEEP_FOR }));

app.setErrorHandler((error, _request, reply) => {
  // Nodes are away, or the lock was lost.
  if (!RedlockError.is(error)) throw error;
  return reply.code(503).header('Retry-After', '5').send({ error: 'Please retry' });
});

const schema = {
  body: {
    type: 'object',
    required: ['order', 'card'],
    properties: {
      order: { type: 'string', pattern: '^[\\w-]{1,40}$' },
      card: { type: 'string' },
    },
  },
} as const;

interface Payment {
  readonly order: string;
  readonly card: string;
}

app.post<{ Body: Payment }>(
  '/payments',
  { schema, config: { once: ({ body }) => `payment:${(body as Payment).order}` } },
  async ({ body: { order, card }, lock }, reply) => {
    const isPaid = await charge(order, card, lock?.signal);
    reply.code(isPaid ? 201 : 402);
    return { order, isPaid };
  },
);

/** Stands for a payment provider. Give a real one the order as its idempotency key as well. */
async function charge(order: string, card: string, signal?: AbortSignal): Promise<boolean> {
  console.log(`charging order ${order}`);
  // As `fetch` does, this rejects with the LockLostError when the lock is lost.
  await sleep(BANK, undefined, { signal }).catch(() => signal?.throwIfAborted());
  return card !== 'expired';
}

const url = await app.listen({ port: Number(process.env['PORT'] ?? 3000), host: '127.0.0.1' });
console.log(`listens at ${url}`);

process.once('SIGTERM', () => {
  // Else, a connection over which a request is answered from now on would be kept open for 72 s more.
  app.server.keepAliveTimeout = 1;
  // Requests under way are answered before the hook closes the Redlock.
  void app.close();
});
