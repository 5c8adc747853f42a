import { NOT_A_STRING } from '../token.js';
import { RAISE_COUNTER } from './counter.js';
import { QUEUE } from './queue.js';

/**
 * One acquire of one key: see protocol/commands.ts. Replies 0 if the large script must decide.
 *
 * Perf: scripts run cold when one process calls several servers in turn, so this one makes no closure.
 */
export const SMALL_ACQUIRE = `
local try, key, token, counter, fence, grace = redis.pcall, KEYS[1], ARGV[1], KEYS[2], ARGV[3], ARGV[4]
local is_queued = try('exists', KEYS[3]) ~= 0
local placed = not is_queued and try('set', key, token, 'px', ARGV[2], 'nx')
if placed then
	local reply = placed.err or 1
	if reply == 1 then
		local time = redis.call('time')
		local clock = time[1] * 1000000 + time[2]
		${RAISE_COUNTER}
	end
	return reply
end
local value = try('mget', key)[1]
if value == token then
	local last = try('get', counter)
	return type(last) == 'table' and last.err or last == fence and 1 or tonumber(last) or 0
end
if value == 'shared' or is_queued and not value and try('exists', key) == 0 then return 0 end
local time = redis.call('time')
local rank = is_queued and try('zcard', KEYS[3])
value = string.sub(value or '${NOT_A_STRING}', 1, 64)
return {
	string.format('%.0f', time[1] * 1000000 + time[2]),
	{ 0, value, try('pttl', key), type(rank) == 'number' and rank or 0, false, false, 0 }
}`;

/** One plain release: see protocol/commands.ts. Errors of its queue leave the reply as it is. */
export const SMALL_RELEASE = `
local call, key, queue, reply = redis.call, KEYS[1], KEYS[2], 0
if redis.pcall('get', key) == ARGV[1] then reply = call('del', key) end
if call('exists', queue) == 1 then
	local time, cluster = call('time'), ARGV[2] == 'c'
	local now = time[1] * 1000 + math.floor(time[2] / 1000)
	${QUEUE}
	pcall(function()
		for ticket in string.gmatch(ARGV[4] or '', '%d+') do
			leave(queue, ticket, ARGV[3])
		end
		notify_next(key, queue)
	end)
end
return reply`;
