-- include ../commands.lua
-- include ../adopt.lua
-- With fencing, there is a seventh argument.
if ARGV[7] then
  return adopt(1, #KEYS / 2, ARGV[5], ARGV[3], ARGV[6], ARGV[4], ARGV[7])
end
return adopt(1, #KEYS, ARGV[4], ARGV[3], nil, nil, ARGV[5])
