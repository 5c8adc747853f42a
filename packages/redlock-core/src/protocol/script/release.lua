-- Deletes the keys that hold the token of their release.
-- Perf: it does so for all releases of a section at once, with one MGET and one DEL.
--
--   first, count     KEYS[first] is the first key of the first release, and each release has `count` keys
--   argument         ARGV[argument] is the token of the first release; channels follow, one for each key
--   releases         how many releases there are
--   replies          gets their replies, behind the number of those that it has already: `answered`
--   released         gets what `announce` needs. Perf: it is one flat list of four values for each key, so
--                    that no key takes a table: the key, its token, its channel, the number of its reply
local function release(first, count, argument, releases, replies, answered, released)
  -- A key that is no string reads as missing.
  local values = call('mget', unpack(KEYS, first, first + releases * count - 1))
  local deleted, is_deleted, size = {}, {}, #released
  local position = 0
  for number = answered + 1, answered + releases do
    local token, reply = ARGV[argument], 1
    for channel = argument + 1, argument + count do
      local key = KEYS[first + position]
      position = position + 1
      -- A release that is in the section twice finds nothing the second time.
      if values[position] == token and not is_deleted[key] then
        deleted[#deleted + 1] = key
        is_deleted[key] = true
        released[size + 1], released[size + 2] = key, token
        released[size + 3], released[size + 4] = ARGV[channel], number
        size = size + 4
      else
        reply = 0
      end
    end
    replies[number] = reply
    argument = argument + 1 + count
  end
  if deleted[1] then
    call('del', unpack(deleted))
  end
end
