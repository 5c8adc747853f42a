-- include ../commands.lua
-- include ../shared/swap.lua
return swap_shared(1, #KEYS / 2, ARGV[3], nil, nil, nil, ARGV[4])
