import { expect, test } from '@jest/globals';
import { Vacancy } from '../../src/oracles/vacancy.js';
import type { Server } from '../../src/server/server.js';

const [one, other] = [{ name: 'n1' }, { name: 'n2' }] as Server[] as [Server, Server];

test('a key is free since commands have deleted it on the last node', () => {
  const vacancy = new Vacancy(false);
  expect(vacancy.since).toBe(Infinity);
  vacancy.note(one, true, false, 10);
  vacancy.end();
  vacancy.note(other, false, false, 20);
  expect(vacancy.since).toBe(Infinity);
  vacancy.note(one, false, true, 30);
  expect([vacancy.since, vacancy.isQuiet]).toEqual([30, true]);
  vacancy.end();
  expect([vacancy.since, vacancy.isQuiet]).toEqual([Infinity, false]);
});

test('a permit is free from the start', () => {
  expect(new Vacancy(true).since).toBe(0);
});
