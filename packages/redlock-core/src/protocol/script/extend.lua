-- include prolong.lua
-- include highest-counter.lua

-- Prolongs all keys and their counters, if all keys hold the token. A counter above the fencing token
-- is that of a later grant: the keys are prolonged all the same, but the node must not count for the extension.
local function extend(first, count, token, ttl, fencing_token, counter_ttl)
  local last = first + count - 1
  local last_counter = last
  if fencing_token then
    last_counter = last + count
  end
  local values = call('mget', unpack(KEYS, first, last_counter))
  local missing = false
  for position = 1, count do
    if not values[position] then
      missing = true
    elseif values[position] ~= token then
      return 0
    end
  end
  if missing then
    return -1
  end

  for i = first, last do
    prolong(KEYS[i], ttl)
  end
  for i = last + 1, last_counter do
    prolong(KEYS[i], counter_ttl)
  end
  if fencing_token and highest_counter(values, count + 1, #values) > tonumber(fencing_token) then
    return 2
  end
  return 1
end
