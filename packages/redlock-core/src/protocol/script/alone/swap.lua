-- include ../commands.lua
-- include ../swap.lua
return swap(1, #KEYS, ARGV[3], nil, nil, nil, ARGV[4])
