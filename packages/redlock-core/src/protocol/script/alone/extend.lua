-- include ../commands.lua
-- include ../extend.lua
-- With fencing, there is a sixth argument.
if ARGV[6] then
  return extend(1, #KEYS / 2, ARGV[5], ARGV[3], ARGV[6], ARGV[4])
end
return extend(1, #KEYS, ARGV[4], ARGV[3])
