-- include highest-counter.lua
-- include write-fencing-token.lua

-- Makes the fencing token the value of all counters, if all keys hold the token and no counter is above
-- the fencing token. Without either of these conditions two holders could get the same fencing token, or
-- the later one the lower.
local function confirm(first, count, token, _, fencing_token, counter_ttl)
  local last_counter = first + 2 * count - 1
  local values = call('mget', unpack(KEYS, first, last_counter))
  for position = 1, count do
    if values[position] ~= token then
      return 0
    end
  end
  if highest_counter(values, count + 1, #values) > tonumber(fencing_token) then
    return 0
  end
  return write_fencing_token(first + count, last_counter, fencing_token, counter_ttl) or 1
end
