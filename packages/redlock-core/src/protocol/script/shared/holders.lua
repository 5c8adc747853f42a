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

local function expire(key, set, ends_at)
  call('pexpireat', key, ends_at)
  call('pexpireat', set, ends_at)
end

-- Removes the holders whose time is over.
local function prune(set)
  call('zremrangebyscore', set, '-inf', clock())
end

-- Gives the key and the set their expiry. The key is free if nobody is left.
local function settle(key, set)
  local latest = call('zrange', set, -1, -1, 'withscores')[2]
  if latest then
    expire(key, set, latest)
  else
    call('del', key)
  end
end

-- Makes a token a holder of a shared key until a time, or keeps it for longer; never for shorter. Returns an error or
-- nil, and whether the token was no holder before.
-- A server that is out of memory refuses commands that may need more, up to the first one that writes. To keep a holder
-- needs none, so a command that needs none comes first.
local function join(key, set, token, ends_at)
  prune(set)
  local added = pcall('zadd', set, 'gt', ends_at, token)
  settle(key, set)
  return type(added) == 'table' and added.err or nil, added == 1
end

-- The same, of a key that is missing or shared.
local function hold(key, set, token, ends_at)
  local placed = pcall('set', key, 'shared', 'pxat', ends_at, 'nx')
  if placed and placed.err then
    return placed.err
  elseif not placed then
    return join(key, set, token, ends_at)
  end
  -- What is left of a set whose key is gone.
  call('del', set)
  local added = pcall('zadd', set, ends_at, token)
  if type(added) == 'table' then
    settle(key, set)
    return added.err, false
  end
  call('pexpireat', set, ends_at)
  return nil, true
end
