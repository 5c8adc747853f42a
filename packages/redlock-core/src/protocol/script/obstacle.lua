-- Which denial of a grant tells where the process waits: the first of a key that somebody holds. A key that is only kept
-- for a process is soon free. Say P and Q want a and b, b is held, and a is kept for P. If Q waited for a, P's withdrawal
-- would call Q, whose withdrawal would call P, and so on for as long as b is held.
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
