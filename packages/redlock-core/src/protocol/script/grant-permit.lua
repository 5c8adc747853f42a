-- include grant.lua
-- include queue-member.lua
-- include enter.lua

-- Which permits a node has to give, in one character each: 0 held, 1 free, 2 reserved for a process that was called.
-- The names of the permits' keys are made from that of KEYS[first]. A semaphore may have a thousand of them, and to send
-- all their names with each try would cost more than the try. They have one hash tag, so a Cluster has them in one slot;
-- and the prefix that a client puts before keys is in them, as it would not be in names from ARGV.
local function permit_states(key, permits)
  local stem = string.match(key, '^(.*:)%d+$')
  local keys = {}
  for permit = 1, permits do
    keys[permit] = stem .. (permit - 1)
  end
  local states, has_free = call('mget', unpack(keys)), false
  for permit = 1, permits do
    local value = states[permit]
    if not value then
      states[permit] = '1'
      has_free = true
    elseif string.sub(value, 1, 9) == 'reserved:' then
      states[permit] = '2'
    else
      states[permit] = '0'
    end
  end
  return table.concat(states), has_free
end

-- A grant of one permit of a semaphore. A denial has seven parts, and the last one is what `permit_states` says. If no
-- permit is free here and the process waits, it enters the queue of the semaphore, and its ticket and the number of
-- processes before it are in the denial. If the permit is granted, the process leaves the queue.
-- ARGV[argument] is the entry of the process; empty: it does not wait. With a `*` before it, a node has called the
-- process: it may take a permit that is reserved for another. If several permits are released at once, the nodes pair
-- permits and processes differently, and hardly a permit is reserved for the same process on a quorum of them.
-- ARGV[argument + 1] is the number of permits.
local function grant_permit(first, count, token, ttl, proposal, counter_ttl, argument)
  local key, queue_position = KEYS[first], first + count
  if proposal then
    queue_position = first + 2 * count
  end
  local queue, set = KEYS[queue_position], queue_position + count
  local entry = ARGV[argument]
  local was_called = string.sub(entry, 1, 1) == '*'
  if was_called then
    entry = string.sub(entry, 2)
  end
  local member, reservation
  if entry ~= '' then
    local _
    member = member_of(entry)
    _, _, reservation = parts_of(member)
  end
  if was_called then
    local holder = call('mget', key)[1]
    if holder and string.sub(holder, 1, 9) == 'reserved:' then
      reservation = holder
    end
  end

  local reply = grant(first, count, token, ttl, proposal, counter_ttl, set, reservation)
  if type(reply) == 'table' then
    local denial = reply[1]
    local states, has_free = permit_states(key, tonumber(ARGV[argument + 1]))
    local ticket, before
    if member and not has_free then
      ticket, before = enter(queue, entry)
    end
    -- A reply would end at the first nil.
    denial[4], denial[5], denial[6], denial[7] = ticket or false, before or false, denial[6] or false, states
  elseif type(reply) == 'number' and member then
    remove_from(queue, member)
  end
  return reply
end
