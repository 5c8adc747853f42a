import assert from 'node:assert/strict';
import { answers, evaluate, noticesAbsence } from '../ask.js';
import { slotOf } from '../../protocol/routing.js';
import type { CaseScript } from '../conformance.js';
import { resolved, until } from '../until.js';

/** Readiness, and notice of every connection. */
export const connectionCases: readonly CaseScript[] = [
  {
    name: 'a client that connects lazily is connected by the first attempt',
    needs: ['server', 'lazy'],
    async check(fixture) {
      const node = await fixture.nodeAtOnce({ lazy: true });
      assert.equal(node.ready, false);
      const lock = await fixture.redlock(node).acquire(fixture.resource(), 60_000, { wait: 0 });
      assert.equal(node.ready, true);
      node.connect();
      assert.equal(await lock.release(), true);
    },
  },
  {
    name: 'a node is not ready while its server is away, and says when it is back',
    needs: ['server'],
    async check(fixture) {
      const node = await fixture.node();
      await answers(node);
      let told = 0;
      node.onReady(() => told++);
      await fixture.server.kill();
      await noticesAbsence(node);
      await fixture.server.start();
      await answers(node);
      assert.ok(told > 0, 'the new connection was not reported');
    },
  },
  {
    name: 'a new connection is reported before anything is answered on it',
    needs: ['server'],
    async check(fixture) {
      const node = await fixture.node();
      await answers(node);
      for (let round = 0; round < 5; round++) {
        let told = 0;
        const stop = node.onReady(() => told++);
        await fixture.control.cut();
        let answered = false;
        await until('the node answers on another connection', async () => {
          // Whether it succeeds or fails, nothing is answered on the connection that was cut.
          await evaluate(node, 'return 1', fixture.resource()).then(
            () => (answered = true),
            () => {},
          );
          assert.ok(!answered || told > 0, 'answered on a connection that was not reported');
          return answered;
        });
        stop();
      }
    },
  },
  {
    name: 'a server that restarts at once is reported before it answers',
    needs: ['server'],
    async check(fixture) {
      const node = await fixture.node();
      await answers(node);
      let told = 0;
      node.onReady(() => told++);
      const inFlight = fixture.server.pause().then(() => {
        const reply = evaluate(node, 'return 1', fixture.resource());
        return reply.then(
          () => assert.ok(told > 0, 'answered on a connection that was not reported'),
          () => {},
        );
      });
      await fixture.server.pause();
      await fixture.server.kill();
      await fixture.server.start();
      await inFlight;
      await answers(node);
      assert.ok(told > 0, 'the new connection was not reported');
    },
  },
  {
    name: 'a removed listener is not called',
    needs: ['server'],
    async check(fixture) {
      const node = await fixture.node();
      await answers(node);
      let told = 0;
      let ended = 0;
      const stop = node.onReady(() => ended++);
      node.onReady(() => told++);
      stop();
      await fixture.control.cut();
      await until('the node tells', async () => {
        await answers(node);
        return told > 0;
      });
      assert.equal(ended, 0);
    },
  },
  {
    name: 'what is in flight when the server dies is settled',
    needs: ['server'],
    async check(fixture) {
      const node = await fixture.node();
      await answers(node);
      await fixture.server.pause();
      const replies = Array.from({ length: 10 }, () =>
        evaluate(node, 'return 1', fixture.resource()),
      );
      const inFlight = Promise.allSettled(replies);
      await fixture.server.kill();
      await fixture.server.start();
      await resolved('all commands are settled', inFlight);
      await answers(node);
    },
  },
  {
    name: 'a connection is replaced when the core asks for it',
    needs: ['server', 'reconnect'],
    async check(fixture) {
      const others = await fixture.control.connections();
      const node = await fixture.node();
      await answers(node);
      const own = (await fixture.control.connections()).filter((id) => !others.includes(id));
      let told = 0;
      node.onReady(() => told++);
      await fixture.server.pause();
      const inFlight = Promise.allSettled([evaluate(node, 'return 1', fixture.resource())]);
      const { cluster } = node;
      if (!cluster) node.reconnect?.();
      else cluster.reconnect?.(cluster.masterOf(slotOf(fixture.resource())) ?? '');
      await fixture.server.resume();
      await resolved('what was in flight is settled', inFlight);
      await answers(node);
      assert.ok(told > 0, 'the new connection was not reported');
      await until('the old connection is gone', async () => {
        const now = await fixture.control.connections();
        return !own.some((id) => now.includes(id));
      });
    },
  },
];
