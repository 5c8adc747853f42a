-- The highest of the counters in a reply of MGET, from one position to another. A counter that is
-- missing, or whose value is no number, counts as 0.
local function highest_counter(values, from, to)
  local highest = 0
  for position = from, to do
    highest = math.max(highest, tonumber(values[position] or 0) or 0)
  end
  return highest
end
