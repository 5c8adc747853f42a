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
    from: /if values\[i\] ~= A\[tokens .*\)\] then/g,
    to: 'if false then',
  },
  {
    name: 'owner-only: cases fail if the small release deletes keys of other tokens',
    from: /redis\.pcall\('get', key\) == ARGV\[1\]/g,
    to: "redis.pcall('get', key)",
    way: 'small',
  },
  {
    name: 'owner-only: cases fail if a release that a batch contains twice is confirmed twice',
    from: / == size\n/g,
    to: ' > 0\n',
  },
  {
    name: 'owner-only: cases fail if an adoption takes a key without expiry',
    from: /if till and left >= 0 then/g,
    to: 'if till then',
  },
  {
    name: 'one-grant: cases fail if a grant sets keys that are held',
    from: /'px', ttl, 'nx'\)/g,
    to: "'px', ttl)",
  },
  {
    name: 'one-grant: cases fail if a shared key without its set is free',
    from: /living\(set, 'limit', 0, 1\)\[1\]/g,
    to: 'true',
  },
  {
    name: 'counter: cases fail if an extension sets its token although the counter is higher',
    from: /highest\(\) > fence/g,
    to: 'false',
  },
  {
    name: 'counter: cases fail if the small acquire does not raise the counter above its last value',
    from: /math\.max\(tonumber\(last\) or 0, clock - 1000000\) \+ 1/g,
    to: 'clock - 1000000 + 1',
    way: 'small',
  },
  {
    name: 'counter: cases fail if a grant does not raise the counter above its last value',
    from: /or last and \(tonumber\(last\) or 0\) >= wish/g,
    to: '',
  },
  {
    name: 'never-shorter: cases fail if an extension shortens the expiry of a key',
    from: /left >= 0 and left < ttl \+ 0/g,
    to: 'left >= 0',
  },
  {
    name: 'never-shorter: cases fail if a shared extension shortens the time of a holder',
    from: /'gt', text\(till\), token/g,
    to: 'text(till), token',
  },
  {
    name: 'one-reply: cases fail if an operation that fails ends its command',
    from: /pcall\(verbs\[verb\], /g,
    to: 'true, verbs[verb](',
    way: 'batched',
  },
  {
    name: 'queue: cases fail if a request passes waiters with lower tickets',
    from: /return score < 0/g,
    to: 'return false',
  },
  {
    name: 'queue: cases fail if a request without a ticket passes all waiters',
    from: /if not ticket then return true/g,
    to: 'if not ticket then return false',
  },
  {
    name: 'queue: cases fail if waiters that nobody reaches keep their entries',
    from: /heard > 0 or cluster/g,
    to: 'true',
  },
  {
    name: 'queue: cases fail if a release notifies before the requests of its command',
    from: /freed\[#freed \+ 1\], freed\[#freed \+ 2\] = key, queue/g,
    to: 'notify_next(key, queue)',
  },
  {
    name: 'queue: cases fail if the small release notifies waiters for a key that is held',
    from: /if call\('exists', key\) == 1 and \(permit or not shared\) then/g,
    to: 'if false then',
    way: 'small',
  },
])('$name', async ({ name, from, to, way = 'large' }) => {
  expect(await fails(name.slice(0, name.indexOf(':') + 1), from, to, way)).toBe(true);
});
