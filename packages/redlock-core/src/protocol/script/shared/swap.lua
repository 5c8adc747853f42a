-- include replace.lua

-- Gives a shared lock back to the token that it had before an adoption, which has failed.
local function swap_shared(first, count, token, _, _, _, other_token)
  return replace(first, count, token, other_token, function(until_now)
    return until_now
  end)
end
