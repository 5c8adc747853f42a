-- An entry of a queue is a ticket, the number of ms for which the queue must live at least, and a member. The
-- member says how the process is called: the number of ms for which a key is then reserved for it, with an `s`
-- behind it if the process wants to share the key; and its channel.
local function member_of(entry)
  return string.match(entry, '^-?%d+:%d+:(.*)$')
end

-- Returns the parts of a member, the value of a key that is reserved for its process, and whether the process
-- wants to share the key.
local function parts_of(member)
  local ms, shares, channel = string.match(member, '^(%d+)(s?):(.*)$')
  if ms then
    return ms, channel, 'reserved:' .. string.match(channel, '[^:]*$'), shares == 's'
  end
end

-- Takes a process out of a queue, whether it stands there for a shared lock or for an exclusive one.
local function remove_from(queue, member)
  local ms, channel = parts_of(member)
  return pcall('zrem', queue, ms .. ':' .. channel, ms .. 's:' .. channel)
end
