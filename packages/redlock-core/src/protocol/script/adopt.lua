-- include raise-counters.lua

-- Takes all keys over from another token, or none of them; a key that is missing is not taken. A key
-- that holds the new token already counts as taken: the command may have been here before.
local function adopt(first, count, token, ttl, proposal, counter_ttl, other_token)
  local values = call('mget', unpack(KEYS, first, first + count - 1))
  local denials
  for position = 0, count - 1 do
    local holder = values[position + 1] or ''
    if holder ~= other_token and holder ~= token then
      local remaining = call('pttl', KEYS[first + position])
      denials = denials or {}
      denials[#denials + 1] = { position, string.sub(holder, 1, 64), remaining }
    end
  end
  if denials then
    return denials
  end

  local repeated, failure = true, nil
  for position = 0, count - 1 do
    if values[position + 1] ~= token then
      local key = KEYS[first + position]
      local remaining = call('pttl', key)
      local set
      -- An expiry later than the ttl stays, and so does none at all (-1).
      if remaining < 0 or remaining > tonumber(ttl) then
        set = pcall('set', key, token, 'keepttl')
      else
        set = pcall('set', key, token, 'px', ttl)
      end
      if set.err then
        failure = set.err
      end
      repeated = false
    end
  end
  if failure then
    return failure
  elseif not proposal then
    return 1
  end
  return raise_counters(first + count, first + 2 * count - 1, proposal, counter_ttl, repeated)
end
