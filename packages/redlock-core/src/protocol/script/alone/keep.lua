-- include ../commands.lua
-- include ../keep.lua
return keep(1, #KEYS, ARGV[4], ARGV[3], nil, nil, ARGV[5])
