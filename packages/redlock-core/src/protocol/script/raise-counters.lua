-- The node's clock, in microseconds; nil until it is needed.
local now

-- Raises the counters of a grant or an adoption, KEYS[first] to KEYS[last], all to one value: above
-- each of them, near the node's clock and, if that allows it, the proposal. `repeated` says that all keys
-- held the token before, so the command has been here already: then counters that are there stay as they are.
-- They would be above the lock's own fencing token otherwise, and no extension would count any more.
-- Returns the reply: 1, or the value, or an error.
local function raise_counters(first, last, proposed, counter_ttl, repeated)
  if not now then
    local time = call('time')
    now = time[1] * 1000000 + time[2]
  end
  -- A counter may be up to a second away from the node's clock. A counter that the node has never had, or
  -- has forgotten, is set no lower, so that it is not below those of other nodes; and a proposal from a
  -- clock that is far ahead must not raise all later counters.
  local earliest, latest = now - 1000000, now + 1000000
  local proposal = tonumber(proposed)
  local highest

  if first == last and not repeated and earliest < proposal and proposal <= latest then
    -- Perf: the proposal is nearly always above the counter, so one command writes the proposal and reads
    -- what was there. If that was not below it, the counter is written once more.
    local previous = pcall('set', KEYS[first], proposed, 'px', counter_ttl, 'get')
    -- A table is an error: Redis before 6.2 has no GET, or the key is no string.
    if type(previous) ~= 'table' then
      highest = tonumber(previous or 0) or 0
      if highest < proposal then
        return 1
      end
    end
  end

  if not highest then
    highest = 0
    for _, counter in ipairs(call('mget', unpack(KEYS, first, last))) do
      highest = math.max(highest, tonumber(counter or 0) or 0)
    end
  end
  if repeated and highest > 0 then
    if highest == proposal then
      return 1
    end
    return highest
  end

  local value = math.max(math.max(highest, earliest) + 1, math.min(proposal, latest))
  local reply = value
  for i = first, last do
    -- tostring would round a number of 16 digits to 14.
    local digits = string.format('%.0f', value)
    local written = pcall('set', KEYS[i], digits, 'px', counter_ttl)
    if written.err then
      reply = written.err
    end
  end
  return reply
end
