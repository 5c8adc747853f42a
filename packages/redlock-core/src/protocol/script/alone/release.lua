-- include ../commands.lua
-- include ../release.lua
-- include ../announce.lua
local replies, released = {}, {}
release(1, #KEYS, 3, 1, replies, 0, released)
announce(released, replies, false)
return replies[1]
