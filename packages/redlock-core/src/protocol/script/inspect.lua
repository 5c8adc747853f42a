-- Reads one key, and how many processes are in its queue.
local function inspect(first)
  local key, queue = KEYS[first], KEYS[first + 1]
  local value = pcall('get', key)
  if type(value) == 'table' then
    return value.err
  end
  local waiting = pcall('zcard', queue)
  if type(waiting) == 'table' then
    waiting = 0
  end
  return { value, call('pttl', key), waiting }
end
