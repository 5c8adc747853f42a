/**
 * An extension, a write-back or a repair. The counters are written first: a server that is out of memory then refuses
 * before anything has changed, and still renews a lock whose counter is right.
 */
export const EXTEND = `
local function extend(i)
  local base, token, fence = (i - 1) * n, ARGV[tokens + i], counters and ARGV[fences + i] + 0
  local values, ours = call('mget', unpack(KEYS, keys + base + 1, keys + base + n)), {}
  for k = 1, n do
    local value = values[k]
    ours[k] = holds(base + k, value, token)
    if not ours[k] then
      local joins = is_shared and value == 'shared' and has_holders(KEYS[sets + base + k])
      if not repairs or not joins and (value or call('exists', KEYS[keys + base + k]) == 1) then
        return 0
      end
    end
  end
  local is_superseded = fence and highest_counter(base) > fence
  if is_superseded and repairs then
    return 0
  end
  for k = 1, fence and not is_superseded and n or 0 do
    local counter = KEYS[counters + base + k]
    if (tonumber(call('get', counter)) or 0) < fence then
      local left = call('pttl', counter)
      if left == -1 or left > grace + 0 then
        call('set', counter, ARGV[fences + i], 'keepttl')
      else
        call('set', counter, ARGV[fences + i], 'px', grace)
      end
    end
  end
  for k = 1, n do
    local key, set = KEYS[keys + base + k], is_shared and KEYS[sets + base + k]
    if is_shared then
      if not ours[k] then
        share(key, set, values[k], token, now + ttl)
      elseif ours[k] < now + ttl then
        call('zremrangebyscore', set, '-inf', format('%.0f', now))
        share(key, set, 'shared', token, now + ttl)
      end
    elseif ours[k] then
      local left = call('pttl', key)
      if left >= 0 and left < ttl + 0 then
        call('pexpire', key, ttl)
      end
    else
      call('set', key, token, 'px', ttl)
    end
  end
  return is_superseded and -1 or 1
end`;
