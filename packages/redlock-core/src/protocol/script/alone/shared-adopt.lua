-- include ../commands.lua
-- include ../shared/adopt.lua
return adopt_shared(1, #KEYS / 2, ARGV[4], ARGV[3], nil, nil, ARGV[5])
