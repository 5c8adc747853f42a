-- include ../commands.lua
-- include ../queue-member.lua
-- include ../enter.lua
-- include ../shared/grant.lua
return grant_shared(1, #KEYS / 3, ARGV[4], ARGV[3], nil, nil, 5)
