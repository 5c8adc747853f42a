-- include ../commands.lua
-- include ../queue-member.lua
-- include ../enter.lua
-- include ../obstacle.lua
-- include ../shared/grant.lua
local replies = {}
grant_shared(1, #KEYS / 3, 4, 1, ARGV[3], replies, 0)
return replies[1]
