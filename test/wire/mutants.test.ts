import { expect, test } from '@jest/globals';
import { redisCases } from './cases/index.js';
import { redisOfFile } from './support/redis-server.js';
import { Subject, type Way } from './support/subject.js';

// The simulator changes the memory server, never the scripts. These tests change the text of the scripts.

const redis = redisOfFile();

/** Whether one of the cases of a promise fails if the server is sent other scripts. */
async function fails(promise: string, from: RegExp, to: string, way: Way): Promise<boolean> {
  const server = redis();
  let isChanged = false;
  const mutate = (script: string): string => {
    const changed = script.replaceAll(from, to);
    isChanged ||= changed !== script;
    return changed;
  };
  for (const each of redisCases.filter(({ name }) => name.startsWith(promise))) {
    await server.clear();
    const error = await each
      .run(new Subject(server, { way, mutate }))
      .catch((cause: unknown) => cause);
    if (error !== undefined && isChanged) return true;
  }
  return false;
}

test.each<{ name: string; from: RegExp; to: string; way?: Way }>([
  {
    name: 'owner-only: cases fail if a release deletes keys of other tokens',
    from: /if value and \(value == token or value == reservation\) then/g,
    to: 'if value then',
  },
  {
    name: 'owner-only: cases fail if an extension renews keys of other tokens',
    from: /missing = true\nelseif values\[position\] ~= token then\nreturn 0\nend/g,
    to: 'missing = true\nend',
  },
  {
    name: 'one-grant: cases fail if a grant sets keys that are held',
    from: /local placed = pcall\('set', key, token, 'px', ttl, 'nx'\)/g,
    to: "local placed = pcall('set', key, token, 'px', ttl)",
  },
  {
    name: 'counter: cases fail if an extension counts although the counter is higher',
    from: /highest_counter\(values, .*\) > tonumber\(fencing_token\) then\nreturn 2/g,
    to: 'false then\nreturn 2',
  },
  {
    name: 'counter: cases fail if write-backs and repairs lower a higher counter',
    from: /highest_counter\(values, .*\) > tonumber\(fencing_token\) then\nreturn 0/g,
    to: 'false then\nreturn 0',
  },
  {
    name: 'counter: cases fail if a grant does not raise the counter above its last value',
    from: /math\.max\(highest, earliest\) \+ 1/g,
    to: 'earliest + 1',
  },
  {
    name: 'counter: cases fail if a grant sets a counter far behind the clock',
    from: /math\.max\(highest, earliest\) \+ 1/g,
    to: 'highest + 1',
  },
  {
    name: 'never-shorter: cases fail if an extension shortens the expiry of a key',
    from: /pcall\('pexpire', key, ms, 'gt'\)/g,
    to: "pcall('pexpire', key, ms)",
  },
  {
    name: 'one-reply: cases fail if an operation that fails ends its command',
    from: /local run = pcall/g,
    to: 'local run = function(operation, ...) return true, operation(...) end',
    way: 'batched',
  },
])('$name', async ({ name, from, to, way = 'alone' }) => {
  expect(await fails(name.slice(0, name.indexOf(':') + 1), from, to, way)).toBe(true);
});
