-- Puts a process into a queue, or moves it to another ticket. A ticket that is not positive is counted from the
-- node's clock, so that clocks of clients do not matter. Returns the ticket, and how many processes stand before
-- this one; nothing, if the server refuses. `keeps_expiry`: the queue lives no longer by this entry.
local function enter(queue, entry, keeps_expiry)
  local given, expiry, member = string.match(entry, '^(-?%d+):(%d+):(.*)$')
  local ticket = tonumber(given)
  if ticket <= 0 then
    local time = pcall('time')
    if time.err then
      return
    end
    ticket = time[1] * 1000000 + time[2] + ticket
  end
  -- tostring would round a number of 16 digits to 14.
  local entered = pcall('zadd', queue, string.format('%.0f', ticket), member)
  if type(entered) == 'table' then
    return
  end
  -- A process stands in a queue once. It may have stood there for a lock of the other mode.
  local ms, channel, _, shares = parts_of(member)
  pcall('zrem', queue, ms .. (shares and ':' or 's:') .. channel)
  -- PEXPIRE with GT would leave a new queue without an expiry.
  local left = call('pttl', queue)
  if left < 0 or not keeps_expiry and left < tonumber(expiry) then
    call('pexpire', queue, expiry)
  end
  local before = pcall('zrank', queue, member)
  if type(before) == 'number' then
    return ticket, before
  end
end
