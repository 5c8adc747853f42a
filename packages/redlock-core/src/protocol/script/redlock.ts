import { ACQUIRE } from './acquire.js';
import { HIGHEST_COUNTER, RAISE_COUNTER } from './counter.js';
import { EXTEND } from './extend.js';
import { QUEUE } from './queue.js';
import { RELEASE } from './release.js';
import { SHARED_SETS } from './shared.js';

/**
 * Everything that is not granted or released at once. Perf: its functions are made when the first operation needs them,
 * because making closures costs more than a whole grant. Each operation is guarded: its error is its own reply.
 */
const SLOW = `
local time = call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
clock, freed = time[1] * 1000000 + time[2], freed or {}
${QUEUE}
${SHARED_SETS}
${HIGHEST_COUNTER}
${ACQUIRE}
${EXTEND}
${RELEASE}
local verbs = { a = acquire, e = extend, r = release, i = inspect }
notify_freed = notify_next
slow = function(verb, i)
  local is_ok, reply = pcall(verbs[verb], i)
  return is_ok and reply or type(reply) == 'table' and reply.err or tostring(reply)
end`;

/**
 * The script for any operations: see protocol/commands.ts.
 *
 * Perf: two paths make nothing. Acquires of one exclusive key are granted by SET NX after one EXISTS for all queues of
 * their section, unless one of them entered the queue of a semaphore since. Plain releases are one MGET and one DEL; the number of deleted keys shows that no key came twice.
 */
export const LARGE = `
local KEYS, ARGV, call, try, find = KEYS, ARGV, redis.call, redis.pcall, string.find
local unpack, is_cluster, done, key_at, arg_at = table.unpack or unpack, ARGV[1] == 'c', 0, 0, 2
local out, clock, slow, freed, notify_freed, values, gone
local count, n, permits, ttl, grace, keys, counters, queues, sets, permit_keys, tokens, fences, tickets, others
local is_shared, is_absolute, repairs
while ARGV[arg_at] do
  local opcode, width = ARGV[arg_at], nil
  local verb = string.sub(opcode, 1, 1)
  count, n, permits = ARGV[arg_at + 1] + 0, ARGV[arg_at + 2] + 0, ARGV[arg_at + 3] + 0
  ttl, grace, tokens, keys = ARGV[arg_at + 4], ARGV[arg_at + 5], arg_at + 5, key_at
  width, counters, queues, sets, fences, tickets, others = count * n, nil, nil, nil, nil, nil, nil
  arg_at, key_at = arg_at + 6 + count, key_at + width
  is_shared = find(opcode, 's', 2, true)
  if find(opcode, 'f', 2, true) then
    counters, key_at = key_at, key_at + width
    fences, arg_at = arg_at - 1, arg_at + count
  end
  if find(opcode, 'q', 2, true) then
    queues, key_at = key_at, key_at + width
  end
  if is_shared or queues and verb ~= 'r' then
    sets, key_at = key_at, key_at + width
  end
  permit_keys, key_at = key_at, key_at + count * permits
  if find(opcode, 't', 2, true) then
    tickets, arg_at = arg_at - 1, arg_at + count * (verb == 'r' and 2 or 4)
  end
  if find(opcode, 'o', 2, true) then
    others, arg_at = arg_at - 1, arg_at + count
  end
  local grants = verb == 'a' and n == 1 and not is_shared and not others
  local is_idle, is_done = not queues, false
  if queues and verb ~= 'i' then
    is_idle = try('exists', unpack(KEYS, queues + 1, queues + width)) == 0
  end
  if grants and counters and not clock then
    local time = call('time')
    clock = time[1] * 1000000 + time[2]
  end
  values, gone = nil, nil
  if verb == 'r' and not is_shared and not others then
    values, is_done = call('mget', unpack(KEYS, keys + 1, keys + width)), is_idle
    for i = 1, is_done and width or 0 do
      if values[i] ~= ARGV[tokens + (n == 1 and i or math.ceil(i / n))] then
        is_done = false
        break
      end
    end
    is_done = is_done and call('del', unpack(KEYS, keys + 1, keys + width)) == width
  elseif verb ~= 'a' then
    is_absolute, repairs = find(opcode, 'x', 2, true), find(opcode, 'm', 2, true)
  end
  for i = 1, is_done and 0 or count do
    local key, reply = KEYS[keys + i], nil
    local placed = grants and (is_idle or try('exists', KEYS[queues + i]) == 0)
      and try('set', key, ARGV[tokens + i], 'px', ttl, 'nx')
    if placed then
      reply = placed.err or 1
      if counters and reply == 1 then
        local counter, fence = KEYS[counters + i], ARGV[fences + i]
        ${RAISE_COUNTER}
      end
    else
      if not slow then
        ${SLOW}
      end
      reply = slow(verb, i)
      is_idle = is_idle and (permits == 0 or not queues)
    end
    if reply ~= 1 then
      out = out or {}
      out[done + i] = reply
    end
  end
  done = done + count
end
for f = 1, freed and #freed or 0, 2 do
  pcall(notify_freed, freed[f], freed[f + 1])
end
if not out then
  return 1
end
if done == 1 then
  return out[1]
end
for i = 1, done do
  out[i] = out[i] or 1
end
return out`;
