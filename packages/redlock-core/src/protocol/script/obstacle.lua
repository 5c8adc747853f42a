-- Which denial of a grant tells where the process waits: the first of a key that is held. A key that is only reserved,
-- or awaited, is soon free. Two processes that want the same keys, of which another holds one, would otherwise reserve
-- the rest for each other, again and again.
local function obstacle_in(denials)
  for _, denial in ipairs(denials) do
    local value = denial[2]
    if value ~= 'awaited' and string.sub(value, 1, 9) ~= 'reserved:' then
      return denial
    end
  end
  return denials[1]
end
