-- include holders.lua

-- Whether an exclusive grant may take a shared key, because nobody is left in its set but the process that asks, for
-- which the key is reserved.
local function is_vacant(key, set, reservation)
  -- A key that can have no set in its slot.
  if key == set then
    return false
  end
  local holders = call('zcount', set, '(' .. string.format('%.0f', clock()), '+inf')
  if reservation and holds(set, reservation) then
    holders = holders - 1
  end
  return holders == 0
end
