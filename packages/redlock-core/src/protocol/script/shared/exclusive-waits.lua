-- include ../cluster.lua

-- Whether a process waits in a queue for an exclusive lock, and hears when it is called. New shared holders stand
-- behind it; otherwise they could keep it out for ever.
local function exclusive_waits(queue)
  local members = pcall('zrange', queue, 0, -1)
  for _, member in ipairs(members) do
    local _, channel, _, shares = parts_of(member)
    if channel and not shares then
      -- An error, if the user has no right to ask: then nobody is called either.
      local counts = pcall('pubsub', 'numsub', channel)
      if not counts.err and (counts[2] > 0 or in_cluster()) then
        return true
      end
    end
  end
  return false
end
