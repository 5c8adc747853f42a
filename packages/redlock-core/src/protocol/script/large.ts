import { ACQUIRE } from './large/acquire.js';
import { HIGHEST_COUNTER, RAISE_COUNTER } from './counter.js';
import { EXTEND } from './large/extend.js';
import { QUEUE } from './queue.js';
import { RELEASE } from './large/release.js';
import { SHARED_SETS } from './large/shared.js';

/**
 * Everything that is not granted or released at once. Perf: its functions are made when the first operation needs them,
 * because making closures costs more than a whole grant. Each operation is guarded: its error is its own reply.
 *
 * `at` is the key of a column of the section, for the operation that runs and its resource k; nil if there is no column.
 */
const SLOW = `
local base
local function at(column, k)
	return column and K[column + base + k]
end
local function values_of()
	return call('mget', unpack(K, keys + base + 1, keys + base + n))
end
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
tell = notify_next
slow = function(verb, i)
	base = (i - 1) * n
	local ok, reply = pcall(verbs[verb], i, A[tokens + i], counters and A[fences + i] + 0, others and A[others + i])
	return ok and reply or type(reply) == 'table' and reply.err or tostring(reply)
end`;

/**
 * The script for any operations: see protocol/commands.ts.
 *
 * Perf: two paths make nothing. Acquires of one exclusive key are granted by SET NX after one EXISTS for all queues of
 * their section, unless one of them entered the queue of a semaphore since. Plain releases are one MGET and one DEL; the
 * number of deleted keys shows that no key came twice.
 */
export const LARGE = `
local K, A, call, try, find = KEYS, ARGV, redis.call, redis.pcall, string.find
local unpack, cluster, channel, done, ki, ai = table.unpack or unpack, A[1] == 'c', A[2], 0, 0, 3
local out, clock, slow, freed, tell, values, gone
local count, n, permits, ttl, grace, keys, counters, queues, sets, pool, tokens, fences, tickets, others
local shared, absolute, repairs
while A[ai] do
	local opcode = A[ai]
	local verb = string.sub(opcode, 1, 1)
	count, n, permits = A[ai + 1] + 0, A[ai + 2] + 0, A[ai + 3] + 0
	ttl, grace, tokens, keys = A[ai + 4], A[ai + 5], ai + 5, ki
	local size = count * n
	counters, queues, sets, tickets, others, values, gone = nil, nil, nil, nil, nil, nil, nil
	ai, ki = ai + 6 + count, ki + size
	if find(opcode, 'f', 2, true) then
		counters, ki = ki, ki + size
		fences, ai = ai - 1, ai + count
	end
	if find(opcode, 'q', 2, true) then queues, ki = ki, ki + size end
	shared = find(opcode, 's', 2, true)
	if shared or queues and verb ~= 'r' then sets, ki = ki, ki + size end
	pool, ki = ki, ki + count * permits
	if find(opcode, 't', 2, true) then tickets, ai = ai - 1, ai + count end
	if find(opcode, 'o', 2, true) then others, ai = ai - 1, ai + count end
	local idle = not queues or verb ~= 'i' and try('exists', unpack(K, queues + 1, queues + size)) == 0
	local plain, over = not shared and not others, false
	local grants = plain and verb == 'a' and n == 1
	if grants and counters and not clock then
		local time = call('time')
		clock = time[1] * 1000000 + time[2]
	elseif verb == 'r' and plain then
		values, over = call('mget', unpack(K, keys + 1, keys + size)), idle
		for i = 1, over and size or 0 do
			if values[i] ~= A[tokens + (n == 1 and i or math.ceil(i / n))] then
				over = false
				break
			end
		end
		over = over and call('del', unpack(K, keys + 1, keys + size)) == size
	elseif verb ~= 'a' then
		absolute, repairs = find(opcode, 'x', 2, true), find(opcode, 'm', 2, true)
	end
	for i = 1, over and 0 or count do
		local key, reply = K[keys + i]
		local placed = grants and (idle or try('exists', K[queues + i]) == 0) and try('set', key, A[tokens + i], 'px', ttl, 'nx')
		if placed then
			reply = placed.err or 1
			if counters and reply == 1 then
				local counter, fence = K[counters + i], A[fences + i]
				${RAISE_COUNTER}
			end
		else
			if not slow then
				${SLOW}
			end
			reply = slow(verb, i)
			idle = idle and (permits == 0 or not queues)
		end
		if reply ~= 1 then
			out = out or {}
			out[done + i] = reply
		end
	end
	done = done + count
end
for f = 1, freed and #freed or 0, 2 do
	pcall(tell, freed[f], freed[f + 1])
end
if not out or done == 1 then return out and out[1] or 1 end
for i = 1, done do
	out[i] = out[i] or 1
end
return out`;
