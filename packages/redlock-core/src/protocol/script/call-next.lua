-- include queue-member.lua

-- Whether the server belongs to a Cluster, which does not count the receivers at other servers; nil until it
-- is needed.
local is_in_cluster

-- Tells the first process of a queue that hears it; those before it, whom nobody hears, leave the queue. Returns its
-- member; nil, if there is none, or if the user has no right to the channel or to change the queue: then everybody
-- polls.
local function tell_first(queue, message)
  while true do
    local first = pcall('zrange', queue, 0, 0)[1]
    if not first then
      return
    end
    local _, channel = parts_of(first)
    local receivers = channel and pcall('publish', channel, message) or 0
    if type(receivers) == 'table' then
      return
    end
    if channel and receivers == 0 then
      if is_in_cluster == nil then
        local info = pcall('info', 'cluster')
        is_in_cluster = type(info) == 'string' and string.find(info, 'cluster_enabled:1', 1, true) ~= nil
      end
      if is_in_cluster then
        return first
      end
    end
    if receivers > 0 then
      return first
    end
    if type(pcall('zrem', queue, first)) == 'table' then
      return
    end
  end
end

-- Calls the first process of a queue, reserves the key for it, and tells the one behind it to stand by. Safety does not
-- rest on a call: it is only an invitation to ask.
local function call_first(key, queue)
  -- A semaphore has one queue for all its permits, so the message says which of them is free.
  local permit = string.match(key, ':permit:(%d+)$')
  local called = tell_first(queue, permit and 'called ' .. permit or 'called')
  if not called or type(pcall('zrem', queue, called)) == 'table' then
    return
  end
  local ms, _, reservation = parts_of(called)
  pcall('set', key, reservation, 'px', ms, 'nx')
  tell_first(queue, 'stand by ' .. ms)
end

-- Calls the next process for each key that is free when the script ends, and adds the number of those that wait to
-- the release's reply; the highest number, if the release has several keys.
local function call_next(freed, queues, replies)
  for i = 1, #queues do
    local key, number, queue = freed[2 * i - 1], freed[2 * i], queues[i]
    local waiting = pcall('zcard', queue)
    if type(waiting) == 'number' and waiting > 0 then
      if replies[number] > 0 then
        replies[number] = math.max(replies[number], 1 + waiting)
      end
      -- An operation of the same script may have taken the key again, or a call may have reserved it.
      if not call('mget', key)[1] then
        call_first(key, queue)
      end
    end
  end
end
