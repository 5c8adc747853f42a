-- include queue-member.lua
-- include enter.lua

-- Does what the entry of a release says; batch.lua tells what it may say. Returns the value of a key that is
-- reserved for the process, if the release frees such a key too, and whether nobody is to be called.
local function update_queue(queue, given)
  local what, entry = string.sub(given, 1, 1), string.sub(given, 2)
  local member = entry
  if what == '-' then
    remove_from(queue, member)
  elseif entry ~= '' then
    member = member_of(entry)
    local _, _, _, shares = parts_of(member)
    enter(queue, entry, shares)
  end
  if what == '=' then
    return nil, true
  end
  local _, _, reservation = parts_of(member)
  return reservation, false
end
