-- Gives keys back to the token that they had before an adoption, which has failed; their expiry stays
-- as it is. A key that holds that token already is as it should be: the command may have been here before.
local function swap(first, count, token, _, _, _, other_token)
  local values = call('mget', unpack(KEYS, first, first + count - 1))
  local reply, failure = 1, nil
  for position = 1, count do
    if values[position] == token then
      local set = pcall('set', KEYS[first + position - 1], other_token, 'keepttl')
      if set.err then
        failure = set.err
      end
    elseif values[position] ~= other_token then
      reply = 0
    end
  end
  return failure or reply
end
