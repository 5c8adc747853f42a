-- The shared holders of a key. The key itself holds the word `shared`, so that other clients stay out, and its set
-- has a member for each holder: the token, with the time at which that ends by this node's clock, in ms. The key
-- and the set have one expiry, the latest of these times. If one ended before the other, an exclusive grant could
-- take a key that has holders. While the key holds anything else, the set is worth nothing.

-- The node's clock, in ms; nil until it is needed.
local now

local function clock()
  if not now then
    local time = call('time')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
  end
  return now
end

-- Whether a token is among the holders.
local function holds(set, token)
  local ends_at = call('zscore', set, token)
  return ends_at and tonumber(ends_at) > clock()
end

-- Removes the holders whose time is over, and gives the key and the set their expiry. Returns whether the key is
-- free by that, because no holder is left.
local function settle(key, set)
  call('zremrangebyscore', set, '-inf', clock())
  local latest = call('zrange', set, -1, -1, 'withscores')[2]
  if not latest then
    call('del', key)
    return true
  end
  call('pexpireat', key, latest)
  call('pexpireat', set, latest)
  return false
end

-- Makes a token a holder until a time, or keeps it for longer; never for shorter. The key is missing or shared.
-- Returns an error, or nil.
local function hold(key, set, token, ends_at)
  local placed = pcall('set', key, 'shared', 'px', ends_at - clock(), 'nx')
  if placed then
    if placed.err then
      return placed.err
    end
    -- What is left of a set whose key is gone.
    call('del', set)
  end
  local before = call('zscore', set, token)
  if not before or tonumber(before) < ends_at then
    -- tostring would round a number of 13 digits in some builds of Lua.
    local added = pcall('zadd', set, string.format('%.0f', ends_at), token)
    if type(added) == 'table' then
      settle(key, set)
      return added.err
    end
  end
  settle(key, set)
end
