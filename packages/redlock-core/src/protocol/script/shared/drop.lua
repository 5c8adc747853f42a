-- include holders.lua

-- The sets of the keys that have lost a holder, by key.
local dropped = {}

-- Takes a token out of the holders of a shared key, and the reservation of its process. Returns whether it was a
-- holder.
local function drop(key, set, token, reservation)
  if not dropped[key] then
    dropped[key] = set
    prune(set)
  end
  if reservation then
    call('zrem', set, reservation)
  end
  return call('zrem', set, token) == 1
end

-- Perf: time per release. A key that loses several holders gets its expiry once.
local function settle_dropped()
  for key, set in pairs(dropped) do
    settle(key, set)
  end
end
