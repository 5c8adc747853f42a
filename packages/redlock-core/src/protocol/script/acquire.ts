/**
 * What an acquire does that is not granted at once: see protocol/commands.ts for its words. It judges all keys before it
 * writes any, and reads the counters before it sets the keys, so that an error leaves nothing behind.
 */
export const ACQUIRE = `
local ticket, channel, free
local function ahead(queue, room, joined)
  local count, may_notify, all, left, who = 0, true, false, nil, nil
  local last, limit = ticket or '+inf', room and -1 or 100
  local members = call('zrangebyscore', queue, '-inf', last, 'withscores', 'limit', 0, limit)
  for m = 1, #members, 2 do
    local mark, till, tail, mode, window, permits, its_channel = match(members[m], ENTRY)
    permits = tonumber(permits) or 0
    if not till or till + 0 <= now then
      call('zrem', queue, members[m])
      all = all or mark == '!'
    elseif not room then
      count = is_ahead(members[m + 1], its_channel, ticket, channel) and count + 1 or count
    elseif is_ahead(members[m + 1], its_channel, ticket, channel)
      and not (is_shared and mode == 's') and not (free and permits <= free[1]) then
      if joined then
        return joined, its_channel
      end
      if mark == '' and (may_notify or all) then
        local permit = free and free[count + 1]
        permit = permit and permit < permits and permit or free and free[1]
        till = notify(queue, members[m], members[m + 1], tail, window, its_channel, permit)
        may_notify = may_notify and not till
      end
      if till then
        count = count + 1
        if count == room then
          left, who = till - now, its_channel
        end
      end
      if who and not all then
        break
      end
    end
  end
  return room and left or not room and count, who
end
local function states_of(i, wrong)
  local states = call('mget', unpack(KEYS, permit_keys + (i - 1) * permits + 1, permit_keys + i * permits))
  free = {}
  for permit = 1, permits do
    local is_free = not states[permit] and KEYS[permit_keys + (i - 1) * permits + permit] ~= wrong
    if is_free then
      free[#free + 1] = permit - 1
    end
    states[permit] = is_free and '1' or '0'
  end
  return table.concat(states)
end
local function tokens_of(set)
  local tokens = call('zrangebyscore', set, format('(%.0f', now), '+inf', 'limit', 0, 20)
  for i, token in ipairs(tokens) do
    tokens[i] = string.sub(token, 1, 64)
  end
  return tokens[1] and tokens
end
local function enter(i, base, denied)
  local lease, keep, tail = ARGV[tickets + count + i], ARGV[tickets + 2 * count + i], ARGV[tickets + 3 * count + i]
  for k = 1, lease ~= '' and n or 0 do
    local queue = KEYS[queues + base + k]
    local was_in = leave(queue, ticket, channel)
    if denied[k] then
      put(queue, ticket, now + lease, '', tail)
    elseif was_in and keep + 0 > 0 then
      put(queue, ticket, now + keep, '!', tail)
    elseif was_in then
      freed[#freed + 1], freed[#freed + 2] = KEYS[keys + base + k], queue
    end
  end
end
local function acquire(i)
  local base, token, fence, other = (i - 1) * n, ARGV[tokens + i], counters and ARGV[fences + i], others and ARGV[others + i]
  ticket, channel, free = nil, nil, nil
  if tickets then
    ticket, channel = ARGV[tickets + i], match(ARGV[tickets + 3 * count + i], '^[xs]:%d+:%d*:(.*)$')
  end
  local values = call('mget', unpack(KEYS, keys + base + 1, keys + base + n))
  local denials, denied, ours, is_ours, expiry = { format('%.0f', clock) }, {}, {}, true, math.huge
  for k = 1, n do
    local key, value, set = KEYS[keys + base + k], values[k], sets and KEYS[sets + base + k]
    local why, left, who, states
    local queue = queues and KEYS[queues + base + k]
    ours[k] = holds(base + k, value, token)
    is_ours = is_ours and ours[k]
    if other then
      left = call('pttl', key)
      local till = ours[k] or holds(base + k, value, other)
      if till and left >= 0 then
        expiry = math.min(expiry, is_shared and till or now + left)
      else
        why = value or call('exists', key) == 1 and '(not a string)' or ''
      end
    elseif not ours[k] then
      local joins = is_shared and value == 'shared' and has_holders(set)
      why = not joins and (value or call('exists', key) == 1 and '(not a string)')
      states = permits > 0 and states_of(i, why and key)
      if queue and (not why or free and free[1]) then
        left, who = ahead(queue, free and #free or 1, joins and call('pttl', key))
      end
    end
    if why or who then
      denied[k] = true
      denials[#denials + 1] = {
        k - 1,
        string.sub(why or '>' .. who, 1, 64),
        left or call('pttl', key),
        queue and ahead(queue) or 0,
        why == 'shared' and set and tokens_of(set) or false,
        states or false,
        why and free and free[1] and not who and 1 or 0
      }
    end
  end
  if denials[2] then
    if tickets and queues then
      enter(i, base, denied)
    end
    return denials
  end
  local value = fence and highest_counter(base)
  if fence and not is_ours then
    value = math.max(math.max(value, clock - 1000000) + 1, math.min(fence + 0, clock + 1000000))
  end
  for k = 1, n do
    local key, set = KEYS[keys + base + k], sets and KEYS[sets + base + k]
    if ours[k] then
    elseif not is_shared and other then
      call('set', key, token, 'keepttl')
    elseif not is_shared then
      call('set', key, token, 'px', ttl)
    else
      share(key, set, values[k], token, other and score_of(set, other) or now + ttl)
      if other then
        call('zrem', set, other)
      end
    end
    if fence and not is_ours then
      call('set', KEYS[counters + base + k], format('%.0f', value), 'px', grace)
    end
    if tickets and queues then
      leave(KEYS[queues + base + k], ticket, channel)
    end
  end
  if other then
    return { value or 0, expiry }
  end
  return (not value or value == fence + 0) and 1 or value
end`;
