/**
 * The sets of shared holders. A key that is shared and its set have one absolute expiry, the highest score. Reads `call`,
 * `now`, and `text`.
 *
 * A set acts only while its key holds `shared`; a set that is left over is deleted when the key is shared again.
 */
export const SHARED_SETS = `
local function score_of(set, token)
	local till = tonumber(call('zscore', set, token))
	return till and till > now and till
end
local function living(set, ...)
	return call('zrangebyscore', set, '(' .. text(now), '+inf', ...)
end
local function settle(key, set)
	call('zremrangebyscore', set, '-inf', text(now))
	local last = call('zrange', set, -1, -1, 'withscores')[2]
	if last then
		call('set', key, 'shared', 'pxat', text(last))
		call('pexpireat', set, text(last))
	else
		call('del', key)
	end
end
local function share(key, set, value, token, till)
	if value ~= 'shared' and call('exists', set) == 1 then call('del', set) end
	call('zadd', set, 'gt', text(till), token)
	settle(key, set)
end
local function holds(k, value, token)
	if shared then return value == 'shared' and score_of(at(sets, k), token) end
	return value == token
end`;
