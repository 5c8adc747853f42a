-- Lets a key live for `ms` from now, unless it lives longer anyway.
local function prolong(key, ms)
  local prolonged = pcall('pexpire', key, ms, 'gt')
  if type(prolonged) == 'table' then
    -- An error: Redis before 7.0 has no GT. A key without an expiry (-1) keeps none, as with GT.
    local remaining = call('pttl', key)
    if remaining >= 0 and remaining < tonumber(ms) then
      call('pexpire', key, ms)
    end
  end
end
