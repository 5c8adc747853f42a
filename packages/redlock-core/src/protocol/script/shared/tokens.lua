-- The tokens of the first of a key's shared holders, for a denial.
local function tokens_in(set)
  local tokens = {}
  -- A table instead of a list is an error: the key is no set.
  local members = pcall('zrangebyscore', set, string.format('(%.0f', clock()), '+inf', 'limit', 0, 20)
  for _, member in ipairs(members) do
    if string.sub(member, 1, 9) ~= 'reserved:' then
      tokens[#tokens + 1] = string.sub(member, 1, 64)
    end
  end
  return tokens
end
