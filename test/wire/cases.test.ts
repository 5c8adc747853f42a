import { describe, test } from '@jest/globals';
import { cases, redisCases } from './cases/index.js';
import { redisOfFile } from './support/redis-server.js';
import { LocalServer } from './support/server.js';
import { Subject } from './support/subject.js';

const redis = redisOfFile();
const memory = new LocalServer();

// The name of each case begins with the id of the promise that it proves.
describe.each([
  { where: 'a real server, by small scripts', way: 'small', table: redisCases, server: redis },
  { where: 'a real server, by the large script', way: 'large', table: redisCases, server: redis },
  { where: 'a real server, in a batch', way: 'batched', table: redisCases, server: redis },
  {
    where: 'the memory server, by small scripts',
    way: 'small',
    table: cases,
    server: () => memory,
  },
  {
    where: 'the memory server, by the large script',
    way: 'large',
    table: cases,
    server: () => memory,
  },
] as const)('on $where:', ({ way, table, server }) => {
  test.each(table)('$name', async (each) => {
    const subject = new Subject(server(), { way });
    await subject.server.clear();
    await each.run(subject);
  });
});
