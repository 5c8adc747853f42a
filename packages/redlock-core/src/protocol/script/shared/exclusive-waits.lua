-- include ../hearing.lua

-- Whether a process waits in a queue for an exclusive lock, and hears when it is called. New shared holders stand
-- behind it; otherwise they could keep it out for ever.
local function exclusive_waits(queue)
  local members = pcall('zrange', queue, 0, -1)
  for _, member in ipairs(members) do
    local _, channel, _, shares = parts_of(member)
    if channel and not shares and is_heard(channel) then
      return true
    end
  end
  return false
end
