-- include holders.lua

-- Whether an exclusive grant may take a shared key, because nobody is left in its set but the process that asks, for
-- which the key is reserved.
local function is_vacant(key, set, reservation)
  -- A key that can have no set in its slot.
  if key == set then
    return false
  end
  if settle(key, set) then
    return true
  end
  local others = call('zcard', set)
  if reservation and call('zscore', set, reservation) then
    others = others - 1
  end
  return others == 0
end
