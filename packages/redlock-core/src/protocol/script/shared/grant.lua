-- include holders.lua
-- include tokens.lua
-- include exclusive-waits.lua

-- Makes the token a holder of all keys, or of none of them. A key is denied by an exclusive holder, and by a process that
-- waits for an exclusive lock, unless the process that asks was called. Its entries are ARGV[entry] and those that
-- follow, one for each key; empty: it enters no queue.
local function grant_shared(first, count, token, ttl, _, _, entry)
  local queue, set = first + count, first + 2 * count
  local values = call('mget', unpack(KEYS, first, queue - 1))
  local reservation, denials, failure
  if ARGV[entry] ~= '' then
    _, _, reservation = parts_of(member_of(ARGV[entry]))
  end
  for position = 0, count - 1 do
    local key, holders, value = KEYS[first + position], KEYS[set + position], values[position + 1]
    local denied
    local may_pass = reservation and value == reservation
    if value == 'shared' then
      if settle(key, holders) then
        value = nil
      else
        may_pass = holds(holders, token) or reservation and holds(holders, reservation)
      end
    elseif not value then
      -- MGET reads a key that is no string as missing.
      if call('exists', key) == 1 then
        denied = '(not a string)'
      end
    elseif not may_pass then
      denied = string.sub(value, 1, 64)
    end
    if not denied and not may_pass and exclusive_waits(KEYS[queue + position]) then
      denied = value or 'awaited'
    end
    if denied then
      denials = denials or {}
      local denial = { position, denied, call('pttl', key) }
      if denied == 'shared' then
        denial[4], denial[5], denial[6] = false, false, tokens_in(holders)
      end
      denials[#denials + 1] = denial
    end
  end
  if denials then
    local position = denials[1][1]
    if reservation then
      local ticket, before = enter(KEYS[queue + position], ARGV[entry + position])
      if ticket then
        denials[1][4], denials[1][5] = ticket, before
      end
    end
    return denials
  end

  local ends_at = clock() + tonumber(ttl)
  for position = 0, count - 1 do
    local key, holders = KEYS[first + position], KEYS[set + position]
    if reservation then
      remove_from(KEYS[queue + position], member_of(ARGV[entry + position]))
      if values[position + 1] == reservation then
        call('del', key)
      else
        call('zrem', holders, reservation)
      end
    end
    failure = failure or hold(key, holders, token, ends_at)
  end
  if failure then
    for position = 0, count - 1 do
      call('zrem', KEYS[set + position], token)
      settle(KEYS[first + position], KEYS[set + position])
    end
  end
  return failure or 1
end
