-- include holders.lua

-- Puts another token in the place of one among the holders of keys, until a time that depends on the time of the
-- first. Where the other token is a holder already, all is as it should be: the command may have been here before.
-- Returns 1 if the other token holds all keys.
local function replace(first, count, token, other_token, ends_at)
  local set = first + count
  local values = call('mget', unpack(KEYS, first, set - 1))
  local reply, failure = 1, nil
  for position = 0, count - 1 do
    local key, holders = KEYS[first + position], KEYS[set + position]
    if values[position + 1] ~= 'shared' then
      reply = 0
    elseif token ~= other_token and holds(holders, token) then
      local until_now = tonumber(call('zscore', holders, token))
      failure = hold(key, holders, other_token, ends_at(until_now)) or failure
      if not failure then
        call('zrem', holders, token)
        settle(key, holders)
      end
    elseif not holds(holders, other_token) then
      reply = 0
    end
  end
  return failure or reply
end
