-- include holders.lua

-- Prolongs what the token holds, if it is a holder of all keys.
local function extend_shared(first, count, token, ttl)
  local set = first + count
  local values = call('mget', unpack(KEYS, first, set - 1))
  local missing = false
  for position = 0, count - 1 do
    local value = values[position + 1]
    if value and value ~= 'shared' then
      return 0
    elseif not value or not holds(KEYS[set + position], token) then
      missing = true
    end
  end
  if missing then
    return -1
  end
  local failure
  for position = 0, count - 1 do
    failure = join(KEYS[first + position], KEYS[set + position], token, clock() + tonumber(ttl)) or failure
  end
  return failure or 1
end
