-- Ends a lock, but keeps its keys from others for the ttl: another token takes the place of its own, so
-- that an extension that is still under way does not find its token there. A key that holds the other
-- token already is as it should be: the command may have been here before.
local function keep(first, count, token, ttl, _, _, other_token)
  local values = call('mget', unpack(KEYS, first, first + count - 1))
  local reply, failure = 1, nil
  for position = 1, count do
    if values[position] == token then
      local set = pcall('set', KEYS[first + position - 1], other_token, 'px', ttl)
      if set.err then
        failure = set.err
      end
    elseif values[position] ~= other_token then
      reply = 0
    end
  end
  return failure or reply
end
