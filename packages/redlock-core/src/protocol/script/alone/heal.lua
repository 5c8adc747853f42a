-- include ../commands.lua
-- include ../heal.lua
-- With fencing, there is a sixth argument.
if ARGV[6] then
  return heal(1, #KEYS / 2, ARGV[5], ARGV[3], ARGV[6], ARGV[4])
end
return heal(1, #KEYS, ARGV[4], ARGV[3])
