/**
 * A release whose keys are not all ours, that leaves the keys to another token, or whose queue is not empty; and an
 * inspection. `values` are those of a section of plain releases before it deleted any key.
 *
 * A queue that is of another type has no entries for a release: the reply says what has become of the token.
 */
export const RELEASE = `
local function leave_to(key, other)
  if ttl == '' then
    return call('set', key, other, 'keepttl')
  end
  local till = is_absolute and ttl + 0 or now + ttl
  if till <= now then
    call('del', key)
  elseif is_absolute then
    call('set', key, other, 'pxat', ttl)
  else
    call('set', key, other, 'px', ttl)
  end
end
local function leave_share_to(key, set, token, other)
  local till = other and (ttl == '' and score_of(set, token) or is_absolute and ttl + 0 or now + ttl)
  if till and till > now then
    call('zadd', set, 'gt', format('%.0f', till), other)
  end
  call('zrem', set, token)
  settle(key, set)
end
local function leave_queue(i, key, queue)
  if call('exists', queue) == 0 then
    return
  end
  for ticket in string.gmatch(tickets and ARGV[tickets + count + i] or '', '%d+') do
    leave(queue, ticket, ARGV[tickets + i])
  end
  if not others then
    freed[#freed + 1], freed[#freed + 2] = key, queue
  end
end
local function release(i)
  local token, other, reply = ARGV[tokens + i], others and ARGV[others + i], 1
  gone = gone or {}
  for j = (i - 1) * n + 1, i * n do
    local key = KEYS[keys + j]
    local value = values and values[j] or call('mget', key)[1]
    if not holds(j, value, token) or gone[key] == token then
      reply = other and holds(j, value, other) and reply or 0
    elseif is_shared then
      leave_share_to(key, KEYS[sets + j], token, other)
    elseif other then
      leave_to(key, other)
    else
      gone[key] = token
      call('del', key)
    end
    if queues then
      pcall(leave_queue, i, key, KEYS[queues + j])
    end
  end
  return reply
end
local function inspect(i)
  local key, set, holders = KEYS[keys + i], sets and KEYS[sets + i], false
  local value = call('get', key)
  if value == 'shared' and set then
    holders = call('zrangebyscore', set, format('(%.0f', now), '+inf', 'withscores')
    for m = 2, #holders, 2 do
      holders[m] = holders[m] - now
    end
  end
  return { value, call('pttl', key), queues and call('zcard', KEYS[queues + i]) or 0, holders }
end`;
