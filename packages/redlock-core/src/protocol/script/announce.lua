-- Publishes on the channel of each released key the token that it held, and adds the number of listeners
-- to its release's reply; the highest number, if the release has several keys. A key that was taken again
-- by an operation of the same script is not announced, because it is not free.
local function announce(released, replies, may_be_taken)
  for i = 1, #released, 4 do
    local key, token = released[i], released[i + 1]
    local channel, number = released[i + 2], released[i + 3]
    if not may_be_taken or not call('mget', key)[1] then
      -- A user without rights to the channel must not see an error, because the lock is released.
      local listeners = pcall('publish', channel, token)
      if type(listeners) == 'number' and replies[number] > 0 then
        replies[number] = math.max(replies[number], 1 + listeners)
      end
    end
  end
end
