-- include ../hearing.lua

-- Whether a process waits in a queue for an exclusive lock, before the one with an entry, and hears when it is called.
-- New shared holders stand behind it; otherwise they could keep it out for ever. An empty entry stands behind
-- everybody. An entry takes the place of what its own process had in the queue.
-- A server hears from a process that hangs that it still listens. So such a process keeps the key from others until the
-- queue expires, and whom it keeps out does not prolong the queue.
local function exclusive_waits(queue, entry)
  local given, own = string.match(entry, '^%??(-?%d+):%d+:%d+s?:(.*)$')
  local ticket = tonumber(given or math.huge)
  if ticket <= 0 then
    ticket = clock() * 1000 + ticket
  end
  local members = pcall('zrange', queue, 0, -1, 'withscores')
  for i = 1, #members, 2 do
    local _, channel, _, shares = parts_of(members[i])
    local is_before = channel ~= own and tonumber(members[i + 1]) <= ticket
    if channel and not shares and is_before and is_heard(channel) then
      return true
    end
  end
  return false
end
