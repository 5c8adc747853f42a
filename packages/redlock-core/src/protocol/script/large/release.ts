/**
 * A release whose keys are not all ours, that leaves the keys to another token, or whose queue is not empty; and an
 * inspection. `values` are those of a section of plain releases before it deleted any key.
 *
 * A queue that is of another type has no entries for a release: the reply says what has become of the token.
 */
export const RELEASE = `
local function leave_key(key, set, token, other)
	if other and ttl == '' and not shared then
		return call('set', key, other, 'keepttl')
	end
	local till = other and (ttl == '' and score_of(set, token) or absolute and ttl + 0 or now + ttl)
	local stays = till and till > now
	if shared then
		if stays then call('zadd', set, 'gt', text(till), other) end
		call('zrem', set, token)
		settle(key, set)
	elseif stays then
		call('set', key, other, 'pxat', text(till))
	else
		call('del', key)
	end
end
local function leave_queue(i, key, queue)
	if call('exists', queue) == 1 then
		for ticket in string.gmatch(tickets and A[tickets + i] or '', '%d+') do
			leave(queue, ticket, channel)
		end
		if not others then freed[#freed + 1], freed[#freed + 2] = key, queue end
	end
end
local function release(i, token, _, other)
	local reply = 1
	gone = gone or {}
	for k = 1, n do
		local key = at(keys, k)
		local value = values and values[base + k] or call('mget', key)[1]
		if holds(k, value, token) and gone[key] ~= token then
			gone[key] = values and token
			leave_key(key, at(sets, k), token, other)
		elseif not (other and holds(k, value, other)) then
			reply = 0
		end
		if queues then pcall(leave_queue, i, key, at(queues, k)) end
	end
	return reply
end
local function inspect()
	local key, set, holders = at(keys, 1), at(sets, 1), false
	local value = call('get', key)
	if value == 'shared' and set then
		holders = living(set, 'withscores')
		for m = 2, #holders, 2 do
			holders[m] = holders[m] - now
		end
	end
	return { value, call('pttl', key), queues and call('zcard', at(queues, 1)) or 0, holders }
end`;
