-- include queue-member.lua

-- Whether the server belongs to a Cluster, which does not count the receivers at other servers; nil until it
-- is needed.
local is_in_cluster

-- Calls the first process of a queue that hears it, reserves the key for it, and tells the next one to stand by.
-- Those before it, whom nobody hears, leave the queue. Safety does not rest on a call: it is only an invitation to
-- ask.
local function call_first(key, queue)
  while true do
    local members = pcall('zrange', queue, 0, 1)
    local called = members[1]
    if not called then
      return
    end
    local ms, channel, reservation = parts_of(called)
    local receivers = channel and pcall('publish', channel, 'called') or 0
    -- A table is an error: without the right to the channel, or to change the queue, everybody polls.
    if type(receivers) == 'table' or type(pcall('zrem', queue, called)) == 'table' then
      return
    end
    if channel and receivers == 0 then
      if is_in_cluster == nil then
        local info = pcall('info', 'cluster')
        is_in_cluster = type(info) == 'string' and string.find(info, 'cluster_enabled:1', 1, true) ~= nil
      end
      if is_in_cluster then
        receivers = 1
      end
    end
    if receivers > 0 then
      pcall('set', key, reservation, 'px', ms, 'nx')
      local _, standing_by = parts_of(members[2] or '')
      if standing_by then
        pcall('publish', standing_by, 'stand by ' .. ms)
      end
      return
    end
  end
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
