-- An entry of a queue is a ticket, the number of ms for which the queue must live at least, and a member. The
-- member says how the process is called: the number of ms for which a key is then reserved for it, and its
-- channel.
local function member_of(entry)
  return string.match(entry, '^-?%d+:%d+:(.*)$')
end

-- Returns the parts of a member, and the value of a key that is reserved for its process.
local function parts_of(member)
  local ms, channel = string.match(member, '^(%d+):(.*)$')
  if ms then
    return ms, channel, 'reserved:' .. string.match(channel, '[^:]*$')
  end
end
