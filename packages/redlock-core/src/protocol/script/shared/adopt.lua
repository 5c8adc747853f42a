-- include holders.lua

-- Puts the token in the place of another one among the holders of all keys, or of none of them. The time of the
-- other one stays if it is later. A key that the new token holds counts as taken: the command may have been here
-- before.
local function adopt_shared(first, count, token, ttl, _, _, other_token)
  local set = first + count
  local values = call('mget', unpack(KEYS, first, set - 1))
  local denials, failure
  for position = 0, count - 1 do
    local value, holders = values[position + 1] or '', KEYS[set + position]
    if value ~= 'shared' or not (holds(holders, other_token) or holds(holders, token)) then
      denials = denials or {}
      denials[#denials + 1] = { position, string.sub(value, 1, 64), call('pttl', KEYS[first + position]) }
    end
  end
  if denials then
    return denials
  end
  for position = 0, count - 1 do
    local key, holders = KEYS[first + position], KEYS[set + position]
    local until_now = call('zscore', holders, other_token)
    if until_now and other_token ~= token then
      local ends_at = math.max(tonumber(until_now), clock() + tonumber(ttl))
      failure = hold(key, holders, token, ends_at) or failure
      if not failure then
        call('zrem', holders, other_token)
      end
    end
  end
  return failure or 1
end
