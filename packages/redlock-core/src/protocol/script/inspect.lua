-- Reads one key.
local function inspect(first)
  local key = KEYS[first]
  local value = pcall('get', key)
  if type(value) == 'table' then
    return value.err
  end
  return { value, call('pttl', key) }
end
