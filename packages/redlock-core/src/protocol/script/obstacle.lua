-- Which denial of a grant tells where the process waits: the first of a key that somebody holds. A key that is kept for a
-- process is soon free. Two processes that want the same keys, one of which is held, would otherwise be called for the
-- others again and again, by each other's withdrawals.
local function obstacle_in(denials)
  for _, denial in ipairs(denials) do
    local value = denial[2]
    local is_kept = value == 'awaited' or string.sub(value, 1, 9) == 'reserved:'
    if value == 'shared' then
      is_kept = not denial[6][1]
    end
    if not is_kept then
      return denial
    end
  end
  return denials[1]
end
