-- include ../commands.lua
-- include ../grant-or-enter.lua
-- With fencing, a quarter of the keys are counters, and there are two arguments more.
if string.byte(ARGV[1]) < 97 then
  return grant_or_enter(1, #KEYS / 4, ARGV[5], ARGV[3], ARGV[6], ARGV[4], 7)
end
return grant_or_enter(1, #KEYS / 3, ARGV[4], ARGV[3], nil, nil, 5)
