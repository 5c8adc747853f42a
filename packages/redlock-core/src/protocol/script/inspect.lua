-- Reads one key, how many processes are in its queue, and its shared holders.
local function inspect(first)
  local key, queue, set = KEYS[first], KEYS[first + 1], KEYS[first + 2]
  local value = pcall('get', key)
  if type(value) == 'table' then
    return value.err
  end
  local waiting = pcall('zcard', queue)
  if type(waiting) == 'table' then
    waiting = 0
  end
  local state = { value, call('pttl', key), waiting }
  if value == 'shared' then
    -- include shared/holders.lua
    local holders = {}
    local members = call('zrange', set, 0, -1, 'withscores')
    for i = 1, #members, 2 do
      local remaining = members[i + 1] - clock()
      if remaining > 0 and string.sub(members[i], 1, 9) ~= 'reserved:' then
        holders[#holders + 1], holders[#holders + 2] = members[i], remaining
      end
    end
    state[4] = holders
  end
  return state
end
