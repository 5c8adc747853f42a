/**
 * The queues. An entry is a member `[!]until:mode:window:permits:channel` with its ticket as score; what follows `until:`
 * is its tail. Reads `call`, `now` in ms, and `cluster`.
 *
 * Two entries of one process may be made in the same ms. The later one then lasts a ms longer, because members are
 * unique. Channels are compared by their bytes, because Lua compares strings by the locale of the server, and nodes may
 * differ.
 */
export const QUEUE = `
local match, ENTRY = string.match, '^(!?)(%d+):(([xs]):(%d+):(%d*):(.*))$'
local function text(number)
	return string.format('%.0f', number)
end
local function put(queue, ticket, till, mark, tail)
	while call('zadd', queue, 'nx', ticket, mark .. text(till) .. ':' .. tail) == 0 do
		till = till + 1
	end
	if call('pttl', queue) < till - now then call('pexpireat', queue, text(till)) end
end
local function leave(queue, ticket, channel)
	for _, member in ipairs(call('zrangebyscore', queue, ticket, ticket)) do
		if select(7, match(member, ENTRY)) == channel then return call('zrem', queue, member) end
	end
end
local function notify(queue, list, m, permit)
	local ticket, _, _, tail, _, window, _, channel = text(list[m + 1]), match(list[m], ENTRY)
	local heard = redis.pcall('publish', channel, permit and ticket .. ' ' .. permit or ticket)
	call('zrem', queue, list[m])
	if type(heard) == 'number' and (heard > 0 or cluster) then
		put(queue, ticket, now + window, '!', tail)
		return now + window
	end
end
local function notify_next(key, queue)
	local shared = call('mget', key)[1] == 'shared'
	local permit = match(queue, ':permits:waiting$') and match(key, '%d+$')
	if call('exists', key) == 1 and (permit or not shared) then return end
	local list = call('zrange', queue, 0, -1, 'withscores')
	for m = 1, #list, 2 do
		local mark, till, _, mode, _, permits = match(list[m], ENTRY)
		if not till or till + 0 <= now then
			call('zrem', queue, list[m])
		elseif permit then
			if mark == '' and (tonumber(permits) or 0) > permit + 0 and notify(queue, list, m, permit) then return end
		elseif shared and mode == 'x' then
			return
		elseif mark == '!' or notify(queue, list, m) then
			if mode == 'x' then return end
			shared = true
		end
	end
end`;
