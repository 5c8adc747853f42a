-- Deletes the keys that hold the token of their release, and updates the queues.
-- Perf: it does so for all releases of a section at once, with one MGET and one DEL.
--
--   first, count     KEYS[first] is the first key of the first release; each release has `count` keys, and then
--                    a queue for each of them
--   argument         ARGV[argument] is the token of the first release; entries follow, one for each key
--   releases         how many releases there are
--   replies          gets their replies, behind the number of those that it has already: `answered`
--   freed, queues    get what `call_next` needs: for each key that is free then, the key and the number of its
--                    reply, one after the other; and its queue
local function release(first, count, argument, releases, replies, answered, freed, queues)
  -- A key that is no string reads as missing, and so does a queue. The last values are those of queues.
  local values = call('mget', unpack(KEYS, first, first + (2 * releases - 1) * count - 1))
  local deleted, is_deleted, size = {}, {}, #queues
  -- Made at the first release that has something to say about the queues.
  local update
  local position = 0
  for number = answered + 1, answered + releases do
    local token, reply = ARGV[argument], 1
    for entry_argument = argument + 1, argument + count do
      local key, queue = KEYS[first + position], KEYS[first + position + count]
      local reservation, is_quiet
      if ARGV[entry_argument] ~= '' then
        if not update then
          -- include update-queue.lua
          update = update_queue
        end
        reservation, is_quiet = update(queue, ARGV[entry_argument])
      end
      position = position + 1
      local value = values[position]
      if is_deleted[key] then
        -- A release that is in the section twice finds nothing the second time.
        value = false
      end
      if value ~= token then
        reply = 0
      end
      if value and (value == token or value == reservation) then
        deleted[#deleted + 1] = key
        is_deleted[key] = true
        value = false
      end
      if not value and not is_quiet then
        size = size + 1
        freed[2 * size - 1], freed[2 * size], queues[size] = key, number, queue
      end
    end
    position = position + count
    replies[number] = reply
    argument = argument + 1 + count
  end
  if deleted[1] then
    call('del', unpack(deleted))
  end
end
