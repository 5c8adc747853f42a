-- include raise-counters.lua

-- Takes all keys, or none of them. A key that holds this very token counts as taken: the command may have
-- been here before. A key that holds `reservation` is reserved for the process that asks. KEYS[set] is the set of
-- the first key's shared holders.
local function grant(first, count, token, ttl, proposal, counter_ttl, set, reservation)
  local taken, reserved, denials, failure = {}, nil, nil, nil
  -- Made at the first key that has shared holders.
  local may_take, tokens_of
  for position = 0, count - 1 do
    local key = KEYS[first + position]
    local placed = pcall('set', key, token, 'px', ttl, 'nx')
    if not placed then
      -- MGET reads a key that is no string as missing, where GET would fail.
      local holder = call('mget', key)[1] or '(not a string)'
      local is_shared = holder == 'shared'
      if is_shared and not may_take then
        -- include shared/vacant.lua
        -- include shared/tokens.lua
        may_take, tokens_of = is_vacant, tokens_in
      end
      if reservation and holder == reservation or is_shared and may_take(key, KEYS[set + position], reservation) then
        reserved = reserved or {}
        reserved[#reserved + 1] = key
      elseif holder ~= token then
        denials = denials or {}
        local denial = { position, string.sub(holder, 1, 64), call('pttl', key) }
        if is_shared then
          denial[4], denial[5], denial[6] = false, false, tokens_of(KEYS[set + position])
        end
        denials[#denials + 1] = denial
      end
    elseif placed.err then
      failure = placed.err
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
      local placed = pcall('set', key, token, 'px', ttl)
      if placed.err then
        return placed.err
      end
      taken[#taken + 1] = key
    end
  end
  if not proposal then
    return 1
  end
  return raise_counters(first + count, first + 2 * count - 1, proposal, counter_ttl, not taken[1])
end
