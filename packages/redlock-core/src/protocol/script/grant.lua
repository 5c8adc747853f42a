-- include raise-counters.lua

-- Takes all keys, or none of them. A key that holds this very token counts as taken: the command may have
-- been here before. A key that holds `reservation` is reserved for the process that asks.
local function grant(first, count, token, ttl, proposal, counter_ttl, reservation)
  local taken, reserved, denials, failure = {}, nil, nil, nil
  for position = 0, count - 1 do
    local key = KEYS[first + position]
    local set = pcall('set', key, token, 'px', ttl, 'nx')
    if not set then
      -- MGET reads a key that is no string as missing, where GET would fail.
      local holder = call('mget', key)[1] or '(not a string)'
      if reservation and holder == reservation then
        reserved = reserved or {}
        reserved[#reserved + 1] = key
      elseif holder ~= token then
        denials = denials or {}
        denials[#denials + 1] = { position, string.sub(holder, 1, 64), call('pttl', key) }
      end
    elseif set.err then
      failure = set.err
      break
    else
      taken[#taken + 1] = key
    end
  end
  if denials or failure then
    if taken[1] then
      call('del', unpack(taken))
    end
    return failure or denials
  end
  if reserved then
    for _, key in ipairs(reserved) do
      local set = pcall('set', key, token, 'px', ttl)
      if set.err then
        return set.err
      end
      taken[#taken + 1] = key
    end
  end
  if not proposal then
    return 1
  end
  return raise_counters(first + count, first + 2 * count - 1, proposal, counter_ttl, not taken[1])
end
