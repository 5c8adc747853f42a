-- Gives the counters KEYS[first] to KEYS[last], none of which is above the fencing token, its value. Their
-- expiry becomes no shorter. Returns an error, or nil.
local function write_fencing_token(first, last, fencing_token, counter_ttl)
  local failure
  for i = first, last do
    local ms = math.max(call('pttl', KEYS[i]), counter_ttl)
    local written = pcall('set', KEYS[i], fencing_token, 'px', ms)
    if written.err then
      failure = written.err
    end
  end
  return failure
end
