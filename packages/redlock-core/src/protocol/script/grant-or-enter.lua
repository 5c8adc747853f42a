-- include grant.lua
-- include queue-member.lua
-- include enter.lua
-- include obstacle.lua

-- A grant for a process that waits. If it is denied, the process enters the queue of one key that denies it, and its
-- ticket and the number of processes before it follow in that denial. If it is granted, the process leaves the queues.
-- Its entries are ARGV[entry] and those that follow, one for each key.
local function grant_or_enter(first, count, token, ttl, proposal, counter_ttl, entry)
  local queue = first + count
  if proposal then
    queue = queue + count
  end
  local set = queue + count
  local _, _, reservation = parts_of(member_of(ARGV[entry]))
  local reply = grant(first, count, token, ttl, proposal, counter_ttl, set, reservation)
  if type(reply) == 'table' then
    local denial = obstacle_in(reply)
    local position = denial[1]
    local ticket, before = enter(KEYS[queue + position], ARGV[entry + position])
    if ticket then
      denial[4], denial[5] = ticket, before
    end
  elseif type(reply) == 'number' then
    for position = 0, count - 1 do
      remove_from(KEYS[queue + position], member_of(ARGV[entry + position]))
    end
  end
  return reply
end
