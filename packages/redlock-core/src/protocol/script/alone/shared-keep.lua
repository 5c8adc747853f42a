-- include ../commands.lua
-- include ../shared/keep.lua
return keep_shared(1, #KEYS / 2, ARGV[4], ARGV[3], nil, nil, ARGV[5])
