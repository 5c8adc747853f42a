-- include holders.lua
-- include tokens.lua
-- include exclusive-waits.lua

-- Makes the tokens of all grants of a section holders of their keys, each of all its keys or of none of them. A key is
-- denied by an exclusive holder, and by a process that waits for an exclusive lock with a lower ticket, unless the
-- process that asks was called.
-- Perf: it does so with one MGET, and a key that gets several holders gets its expiry once.
--
--   first, count        KEYS[first] is the first key of the first grant; each grant has `count` keys, then a queue for
--                       each of them, and then a set of shared holders for each of them
--   argument            ARGV[argument] is the token of the first grant; entries follow, one for each key. Empty ones:
--                       the process enters no queue. With a `?` before them: it enters none, and the ticket counts
--   grants              how many grants there are
--   ttl                 the expiry of the keys
--   replies, answered   the replies follow those that are there already
local function grant_shared(first, count, argument, grants, ttl, replies, answered)
  local ends_at = clock() + tonumber(ttl)
  local values = call('mget', unpack(KEYS, first, first + (3 * grants - 2) * count - 1))
  local queues = {}
  for number = 0, grants - 1 do
    for position = 1, count do
      queues[#queues + 1] = KEYS[first + 3 * count * number + count + position - 1]
    end
  end
  -- An error, if the user has no right to ask: then nobody is called either.
  local somebody_waits = (tonumber(pcall('exists', unpack(queues))) or 0) > 0
  -- Whether this section has made a key one that is shared until `ends_at` at least.
  local is_open = {}

  -- Returns also whether it is a waiting process that denies the key.
  local function denial_of(key, value, set, queue, position, token, reservation, entry)
    local denied, is_awaited
    if is_open[key] then
      value = 'shared'
    elseif value and value == reservation then
      return
    elseif value and value ~= 'shared' then
      denied = string.sub(value, 1, 64)
    elseif not value and call('exists', key) == 1 then
      -- MGET reads a key that is no string as missing.
      denied = '(not a string)'
    end
    if not denied and somebody_waits and exclusive_waits(queue, entry) then
      local may_pass = value and (holds(set, token) or reservation and holds(set, reservation))
      denied = not may_pass and (value or 'awaited')
      is_awaited = denied
    end
    if denied then
      local denial = { position, denied, call('pttl', key) }
      if denied == 'shared' then
        denial[4], denial[5], denial[6] = false, false, tokens_in(set)
      end
      return denial, is_awaited
    end
  end

  -- Returns an error or nil, and whether the token was no holder before.
  local function open(key, value, set, token, reservation)
    if value and value == reservation and not is_open[key] then
      call('del', key)
    elseif reservation and call('zrem', set, reservation) == 1 then
      -- It may have been what the key's expiry was for.
      is_open[key] = false
    end
    if is_open[key] then
      local added = pcall('zadd', set, 'gt', ends_at, token)
      return type(added) == 'table' and added.err or nil, added == 1
    end
    local failure, is_new = hold(key, set, token, ends_at)
    is_open[key] = not failure
    return failure, is_new
  end

  for number = 1, grants do
    local keys = first + 3 * count * (number - 1)
    local token, reservation, denials, failure = ARGV[argument], nil, nil, nil
    -- By denial: whether it is a waiting process that denies the key.
    local is_awaited = {}
    if ARGV[argument + 1] ~= '' and string.sub(ARGV[argument + 1], 1, 1) ~= '?' then
      reservation = select(3, parts_of(member_of(ARGV[argument + 1])))
    end
    for position = 0, count - 1 do
      local denial, by_waiter = denial_of(
        KEYS[keys + position],
        values[keys - first + position + 1],
        KEYS[keys + 2 * count + position],
        KEYS[keys + count + position],
        position,
        token,
        reservation,
        ARGV[argument + 1 + position]
      )
      if denial then
        denials = denials or {}
        denials[#denials + 1] = denial
        is_awaited[denial] = by_waiter
      end
    end
    if denials then
      if reservation then
        local denial = obstacle_in(denials)
        local queue, entry = KEYS[keys + count + denial[1]], ARGV[argument + 1 + denial[1]]
        local ticket, before = enter(queue, entry, is_awaited[denial])
        somebody_waits = true
        if ticket then
          denial[4], denial[5] = ticket, before
        end
      end
      replies[answered + number] = denials
    else
      local added = {}
      for position = 0, count - 1 do
        if reservation then
          remove_from(KEYS[keys + count + position], member_of(ARGV[argument + 1 + position]))
        end
        local key, set = KEYS[keys + position], KEYS[keys + 2 * count + position]
        if not failure then
          local is_new
          failure, is_new = open(key, values[keys - first + position + 1], set, token, reservation)
          if is_new then
            added[key] = set
          end
        end
      end
      if failure then
        -- A grant that comes twice must not end what it gave the first time.
        for key, set in pairs(added) do
          call('zrem', set, token)
          settle(key, set)
        end
        is_open = {}
      end
      replies[answered + number] = failure or 1
    end
    argument = argument + 1 + count
  end
end
