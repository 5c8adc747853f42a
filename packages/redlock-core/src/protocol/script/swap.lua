-- Gives keys back to the token that they had before an adoption, which has failed; their expiry stays
-- as it is. A key that holds that token already is as it should be: the command may have been here before.
local function swap(first, count, token, _, _, _, other_token)
  local values = redis.call('mget', unpack(KEYS, first, first + count - 1))
  local reply = 1
  for position = 1, count do
    if values[position] == token then
      redis.call('set', KEYS[first + position - 1], other_token, 'keepttl')
    elseif values[position] ~= other_token then
      reply = 0
    end
  end
  return reply
end
