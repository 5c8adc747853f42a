import { expect, test } from '@jest/globals';
import { cases } from './cases/index.js';
import { redisOfFile } from './support/redis-server.js';
import { Subject, type Way } from './support/subject.js';

// The simulator changes the memory server, never the scripts. These tests change the text of the scripts.

const redis = redisOfFile();

/** The names of the cases that fail where a server is sent other scripts. */
async function failingCases(from: RegExp, to: string, way: Way = 'alone'): Promise<string[]> {
  const server = redis();
  let isChanged = false;
  const mutate = (script: string): string => {
    const changed = script.replaceAll(from, to);
    isChanged ||= changed !== script;
    return changed;
  };
  const failing: string[] = [];
  for (const each of cases) {
    await server.clear();
    await each.run(new Subject(server, { way, mutate })).catch(() => failing.push(each.name));
  }
  await server.clear();
  if (!isChanged) throw new Error(`No script contains ${String(from)}`);
  return failing;
}

test.each([
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
    name: 'counter: cases fail if extensions and write-backs ignore a higher counter',
    from: /highest_counter\(values, count \+ 1, #values\) > tonumber\(fencing_token\)/g,
    to: 'false',
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
    way: 'batched' as const,
  },
])('$name', async ({ name, from, to, way }) => {
  const [promise = ''] = name.split(':');
  expect(await failingCases(from, to, way)).toContainEqual(expect.stringMatching(`^${promise}:`));
});
