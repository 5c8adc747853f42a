/**
 * An extension, a write-back or a repair. The counters are written first: a server that is out of memory then refuses
 * before anything has changed, and still renews a lock whose counter is right.
 */
export const EXTEND = `
local function extend(i, token, fence)
	local values, ours = values_of(), {}
	for k = 1, n do
		local value = values[k]
		ours[k] = holds(k, value, token)
		if not ours[k] and (not repairs or call('exists', at(keys, k)) == 1
			and not (shared and value == 'shared' and living(at(sets, k), 'limit', 0, 1)[1])) then
			return 0
		end
	end
	local late = fence and highest() > fence
	if late and repairs then return 0 end
	for k = 1, fence and not late and n or 0 do
		local counter = at(counters, k)
		if (tonumber(call('get', counter)) or 0) < fence then
			local left = call('pttl', counter)
			if left == -1 or left > grace + 0 then
				call('set', counter, text(fence), 'keepttl')
			else
				call('set', counter, text(fence), 'px', grace)
			end
		end
	end
	for k = 1, n do
		local key, set = at(keys, k), at(sets, k)
		if shared then
			if ours[k] then call('zremrangebyscore', set, '-inf', text(now)) end
			share(key, set, values[k], token, now + ttl)
		elseif not ours[k] then
			call('set', key, token, 'px', ttl)
		else
			local left = call('pttl', key)
			if left >= 0 and left < ttl + 0 then call('pexpire', key, ttl) end
		end
	end
	return late and -1 or 1
end`;
