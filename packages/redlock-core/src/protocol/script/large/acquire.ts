import { NOT_A_STRING } from '../../token.js';

/**
 * Who is ahead of the caller in a queue. The caller's place is its `ticket` and the `channel` of its process. With `room`:
 * for how many ms the first entry denies that leaves no more room, and its channel. Without it: how many entries are ahead.
 * `joined`: for how many ms a key that the caller may share stays shared.
 */
const AHEAD = `
local ticket, lease, keep, tail, free
local function is_ahead(score, whose)
	if not ticket then return true end
	score = score - ticket
	if score ~= 0 then return score < 0 end
	for i = 1, #channel do
		local byte, own = string.byte(whose, i) or -1, string.byte(channel, i)
		if byte ~= own then return byte < own end
	end
end
local function ahead(queue, room, joined)
	local count, once, all, left, who = 0
	local list = call('zrangebyscore', queue, '-inf', ticket or '+inf', 'withscores', 'limit', 0, room and -1 or 100)
	for m = 1, #list, 2 do
		local mark, till, _, mode, _, permits, whose = match(list[m], ENTRY)
		permits = tonumber(permits) or 0
		if not till or till + 0 <= now then
			call('zrem', queue, list[m])
			all = all or mark == '!'
		elseif not is_ahead(list[m + 1], whose) then
		elseif not room then
			count = count + 1
		elseif not (shared and mode == 's' or free and permits <= free[1]) then
			if joined then return joined, whose end
			if mark == '' and (all or not once) then
				local permit = free and free[count + 1]
				permit = permit and permit < permits and permit or free and free[1]
				till = notify(queue, list, m, permit)
				once = once or till
			end
			if till then
				count = count + 1
				if count == room then left, who = till - now, whose end
			end
			if who and not all then break end
		end
	end
	return not room and count or left, who
end`;

/**
 * What an acquire does that is not granted at once: see protocol/commands.ts for its words. It judges all keys before it
 * writes any, and reads the counters before it sets the keys, so that an error leaves nothing behind.
 */
export const ACQUIRE = `${AHEAD}
local function states_of(i, wrong)
	local first = pool + (i - 1) * permits
	local states = call('mget', unpack(K, first + 1, first + permits))
	free = {}
	for permit = 1, permits do
		local is_free = not states[permit] and K[first + permit] ~= wrong
		states[permit] = is_free and '1' or '0'
		free[#free + 1] = is_free and permit - 1 or nil
	end
	return table.concat(states)
end
local function enter(denied)
	for k = 1, lease ~= '' and n or 0 do
		local queue = at(queues, k)
		local had = leave(queue, ticket, channel)
		if denied[k] then
			put(queue, ticket, now + lease, '', tail)
		elseif had and keep + 0 > 0 then
			put(queue, ticket, now + keep, '!', tail)
		elseif had then
			freed[#freed + 1], freed[#freed + 2] = at(keys, k), queue
		end
	end
end
local function acquire(i, token, fence, other)
	ticket, free = nil, nil
	if tickets then
		ticket, lease, keep, tail = match(A[tickets + i], '^(%d+):?(%d*):?(%d*):?(.*)$')
		tail = tail .. ':' .. channel
	end
	local values, denials, denied, ours = values_of(), { text(clock) }, {}, {}
	local all_ours, expiry = true, math.huge
	for k = 1, n do
		local key, set, queue, value = at(keys, k), at(sets, k), at(queues, k), values[k]
		local why, left, who, states = value or call('exists', key) == 1 and '${NOT_A_STRING}'
		ours[k] = holds(k, value, token)
		all_ours = all_ours and ours[k]
		if other then
			left = call('pttl', key)
			local till = ours[k] or holds(k, value, other)
			if till and left >= 0 then
				why, expiry = nil, math.min(expiry, shared and till or now + left)
			else
				why = why or ''
			end
		elseif ours[k] then
			why = nil
		else
			local joined = shared and value == 'shared' and living(set, 'limit', 0, 1)[1] and call('pttl', key)
			why = not joined and why
			states = permits > 0 and states_of(i, why and key)
			if queue and (not why or free and free[1]) then left, who = ahead(queue, free and #free or 1, joined) end
		end
		if why or who then
			local tokens = why == 'shared' and set and living(set, 'limit', 0, 20) or {}
			for t, each in ipairs(tokens) do
				tokens[t] = string.sub(each, 1, 64)
			end
			denied[k] = true
			denials[#denials + 1] = {
				k - 1, string.sub(why or '>' .. who, 1, 64), left or call('pttl', key), queue and ahead(queue) or 0,
				tokens[1] and tokens or false, states or false, why and free and free[1] and not who and 1 or 0
			}
		end
	end
	if denials[2] then
		if tickets and queues then enter(denied) end
		return denials
	end
	local value = fence and highest()
	if fence and not all_ours then
		value = math.max(math.max(value, clock - 1000000) + 1, math.min(fence, clock + 1000000))
	end
	for k = 1, n do
		local key, set = at(keys, k), at(sets, k)
		if ours[k] then
		elseif shared then
			share(key, set, values[k], token, other and score_of(set, other) or now + ttl)
			if other then call('zrem', set, other) end
		elseif other then
			call('set', key, token, 'keepttl')
		else
			call('set', key, token, 'px', ttl)
		end
		if fence and not all_ours then call('set', at(counters, k), text(value), 'px', grace) end
		if tickets and queues then leave(at(queues, k), ticket, channel) end
	end
	return other and { value or 0, expiry } or (not value or value == fence) and 1 or value
end`;
