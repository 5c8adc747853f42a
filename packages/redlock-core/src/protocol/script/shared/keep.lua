-- include replace.lua

-- Ends a shared lock, but keeps exclusive holders out for the ttl, as keep.lua does.
local function keep_shared(first, count, token, ttl, _, _, other_token)
  return replace(first, count, token, other_token, function()
    return clock() + tonumber(ttl)
  end)
end
