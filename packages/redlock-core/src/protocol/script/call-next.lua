-- include queue-member.lua
-- include hearing.lua

-- Tells the first process of a queue that hears it; those before it, whom nobody hears, leave the queue. Returns its
-- member; nil, if there is none, or if the user has no right to the channel or to change the queue: then everybody
-- polls.
local function tell_first(queue, message, only_shared)
  while true do
    local first = pcall('zrange', queue, 0, 0)[1]
    if not first then
      return
    end
    local _, channel, _, shares = parts_of(first)
    local receivers = 0
    if only_shared and channel and not shares then
      -- If the user has no right to ask who hears, the process may be one that does.
      if is_heard(channel) ~= false then
        return
      end
    elseif channel then
      receivers = pcall('publish', channel, message)
    end
    if type(receivers) == 'table' then
      return
    end
    if receivers > 0 or channel and in_cluster() then
      return first
    end
    if type(pcall('zrem', queue, first)) == 'table' then
      return
    end
  end
end

-- Calls the first process of a queue, reserves the key for it, and tells the one behind it to stand by. If the first one
-- wants to share the key, those behind it who want that too are called with it, up to one that does not. A key that is
-- shared calls nobody else. Safety does not rest on a call: it is only an invitation to ask.
local function call_first(key, queue, set, only_shared)
  -- A semaphore has one queue for all its permits, so the message says which of them is free.
  local permit = string.match(key, ':permit:(%d+)$')
  local message = permit and 'called ' .. permit or 'called'
  local last, share
  repeat
    local called = tell_first(queue, message, only_shared)
    if not called or type(pcall('zrem', queue, called)) == 'table' then
      break
    end
    local ms, _, reservation, shares = parts_of(called)
    if shares then
      if not share then
        -- include shared/holders.lua
        share = function(member, time)
          hold(key, set, member, clock() + time)
        end
      end
      share(reservation, ms)
      only_shared = true
    else
      pcall('set', key, reservation, 'px', ms, 'nx')
    end
    last = ms
  until not shares
  if last then
    tell_first(queue, 'stand by ' .. last)
  end
end

-- Calls the next process for each key that is free or shared when the script ends, and adds the number of those that
-- wait to the release's reply; the highest number, if the release has several keys.
local function call_next(freed, queues, replies)
  for i = 1, #queues do
    local key, set, number, queue = freed[3 * i - 2], freed[3 * i - 1], freed[3 * i], queues[i]
    local waiting = pcall('zcard', queue)
    if type(waiting) == 'number' and waiting > 0 then
      if replies[number] > 0 then
        replies[number] = math.max(replies[number], 1 + waiting)
      end
      -- An operation of the same script may have taken the key again, or a call may have reserved it.
      local value = call('mget', key)[1]
      if not value or value == 'shared' then
        call_first(key, queue, set, value == 'shared')
      end
    end
  end
end
