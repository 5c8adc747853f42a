-- include holders.lua

-- Takes a token out of the holders of a shared key, and the reservation of its process. Returns whether it was a
-- holder, and whether the key is free by that.
local function drop(key, set, token, reservation)
  local was_holder = holds(set, token)
  call('zrem', set, token, reservation or token)
  return was_holder, settle(key, set)
end
