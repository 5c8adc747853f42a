import { expect, test } from '@jest/globals';
import type { Stream } from '../../src/network/stream.js';
import { Server } from '../../src/server/server.js';
import { Clock } from '../../src/world/clock.js';
import { World } from '../../src/world/world.js';

const CHANNEL = 'redlock:notify:p1.1';
const idle = (): void => {};

test('a subscription that a stopped server has received ends with its connection', () => {
  const world = new World();
  const traits = { clock: new Clock(world, 1, 0), skew: 0, isMute: false };
  const server = new Server('n1', world, traits, idle);
  const stream = { down: { send: idle } } as unknown as Stream;
  server.accept(stream, idle);
  server.stop();
  server.receive(stream, () => server.subscribe(stream, CHANNEL, idle), idle);
  server.forget(stream);
  server.resume();
  expect(server.channels.hasReceiver(CHANNEL)).toBe(false);
});
