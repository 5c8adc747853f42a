-- include holders.lua

-- Puts the token back among the holders of keys that lack it, unless a key is another's.
local function heal_shared(first, count, token, ttl)
  local set = first + count
  local values = call('mget', unpack(KEYS, first, set - 1))
  for position = 0, count - 1 do
    local value = values[position + 1]
    -- MGET reads a key that is no string as missing.
    if value and value ~= 'shared' or not value and call('exists', KEYS[first + position]) == 1 then
      return 0
    end
  end
  local failure
  for position = 0, count - 1 do
    failure = hold(KEYS[first + position], KEYS[set + position], token, clock() + tonumber(ttl)) or failure
  end
  return failure or 1
end
