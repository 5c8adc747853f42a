-- include ../commands.lua
-- include ../grant.lua
-- With fencing, there is a sixth argument.
if ARGV[6] then
  return grant(1, #KEYS / 3, ARGV[5], ARGV[3], ARGV[6], ARGV[4], 1 + #KEYS / 3 * 2)
end
return grant(1, #KEYS / 2, ARGV[4], ARGV[3], nil, nil, 1 + #KEYS / 2)
