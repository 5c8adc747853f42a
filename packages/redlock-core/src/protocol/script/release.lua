-- Deletes the keys that hold the token of their release, takes the token out of shared ones, and updates the queues.
-- Perf: it does so for all releases of a section at once, with one MGET and one DEL.
--
--   first, count     KEYS[first] is the first key of the first release; each release has `count` keys, then a queue
--                    for each of them, and then a set of shared holders for each of them
--   argument         ARGV[argument] is the token of the first release; entries follow, one for each key
--   releases         how many releases there are
--   replies          gets their replies, behind the number of those that it has already: `answered`
--   freed, queues    get what `call_next` needs: for each key that is free or shared then, the key, its set and
--                    the number of its reply, one after the other; and its queue
local function release(first, count, argument, releases, replies, answered, freed, queues)
  -- A key that is no string reads as missing, and so do queues and sets. The last values are those of sets.
  local values = call('mget', unpack(KEYS, first, first + (3 * releases - 2) * count - 1))
  local deleted, is_deleted, size = {}, {}, #queues
  -- Made at the first release that has something to say about the queues, and at the first shared key.
  local update, drop_from, settle_all
  local position = 0
  for number = answered + 1, answered + releases do
    local token, reply = ARGV[argument], 1
    for entry_argument = argument + 1, argument + count do
      local key, queue, set =
        KEYS[first + position], KEYS[first + position + count], KEYS[first + position + 2 * count]
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
      if value == 'shared' then
        if not drop_from then
          -- include shared/drop.lua
          drop_from, settle_all = drop, settle_dropped
        end
        if not drop_from(key, set, token, reservation) then
          reply = 0
        end
      elseif value ~= token then
        reply = 0
      end
      if value and (value == token or value == reservation) then
        deleted[#deleted + 1] = key
        is_deleted[key] = true
        value = false
      end
      if (not value or value == 'shared') and not is_quiet then
        size = size + 1
        freed[3 * size - 2], freed[3 * size - 1], freed[3 * size] = key, set, number
        queues[size] = queue
      end
    end
    position = position + 2 * count
    replies[number] = reply
    argument = argument + 1 + count
  end
  if deleted[1] then
    call('del', unpack(deleted))
  end
  if settle_all then
    settle_all()
  end
end
