-- include ../cluster.lua

-- Whether a process waits in a queue for an exclusive lock, before a ticket, and hears when it is called. New shared
-- holders stand behind it; otherwise they could keep it out for ever. `own_channel` is that of the process that asks,
-- and no ticket is behind all others.
-- A server hears from a process that hangs that it still listens. So such processes keep the key from others until the
-- queue expires, and whom they keep out does not prolong it.
local function exclusive_waits(queue, own_channel, ticket)
  local members = pcall('zrange', queue, 0, -1, 'withscores')
  for i = 1, #members, 2 do
    if ticket and tonumber(members[i + 1]) > ticket then
      return false
    end
    local _, channel, _, shares = parts_of(members[i])
    if channel and channel ~= own_channel and not shares then
      -- An error, if the user has no right to ask: then nobody is called either.
      local counts = pcall('pubsub', 'numsub', channel)
      if not counts.err and (counts[2] > 0 or in_cluster()) then
        return true
      end
    end
  end
  return false
end
