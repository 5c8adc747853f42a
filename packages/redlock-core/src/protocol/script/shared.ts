/**
 * The sets of shared holders. A key that is shared and its set have one absolute expiry, the highest score. Reads `call`,
 * `now`, and `format`.
 *
 * A set acts only while its key holds `shared`; a set that is left over is deleted when the key is shared again.
 */
export const SHARED_SETS = `
local function score_of(set, token)
  local till = tonumber(call('zscore', set, token))
  return till and till > now and till
end
local function has_holders(set)
  return call('zcount', set, format('(%.0f', now), '+inf') > 0
end
local function settle(key, set)
  call('zremrangebyscore', set, '-inf', format('%.0f', now))
  local last = call('zrange', set, -1, -1, 'withscores')[2]
  if last then
    last = format('%.0f', last)
    call('set', key, 'shared', 'pxat', last)
    call('pexpireat', set, last)
  else
    call('del', key)
  end
end
local function share(key, set, value, token, till)
  if value ~= 'shared' and call('exists', set) == 1 then
    call('del', set)
  end
  call('zadd', set, 'gt', format('%.0f', till), token)
  settle(key, set)
end
local function holds(i, value, token)
  if is_shared then
    return value == 'shared' and score_of(KEYS[sets + i], token)
  end
  return value == token
end`;
