-- include prolong.lua
-- include highest-counter.lua
-- include write-fencing-token.lua

-- Puts a held lock back on a node that lacks some of its keys or all of them, unless a key is another's. A
-- counter above the fencing token is that of a later grant, so the node must not be healed either.
local function heal(first, count, token, ttl, fencing_token, counter_ttl)
  local last = first + count - 1
  local last_counter = last
  if fencing_token then
    last_counter = last + count
  end
  local values = call('mget', unpack(KEYS, first, last_counter))
  for position = 1, count do
    if values[position] and values[position] ~= token then
      return 0
    end
  end
  if fencing_token and highest_counter(values, count + 1, #values) > tonumber(fencing_token) then
    return 0
  end

  local failure
  for position = 1, count do
    local key = KEYS[first + position - 1]
    if values[position] then
      prolong(key, ttl)
    else
      -- MGET reads a key that is no string as missing: without NX, SET would replace it.
      local set = pcall('set', key, token, 'px', ttl, 'nx')
      if set and set.err then
        failure = set.err
      end
    end
  end
  if fencing_token then
    failure = write_fencing_token(last + 1, last_counter, fencing_token, counter_ttl) or failure
  end
  return failure or 1
end
