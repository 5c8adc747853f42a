-- include ../commands.lua
-- include ../grant-permit.lua
-- With fencing, a third of the keys are counters, and there are two arguments more.
if string.byte(ARGV[1]) < 97 then
  return grant_permit(1, 1, ARGV[5], ARGV[3], ARGV[6], ARGV[4], 7)
end
return grant_permit(1, 1, ARGV[4], ARGV[3], nil, nil, 5)
