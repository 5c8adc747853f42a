-- include ../commands.lua
-- include ../shared/extend.lua
return extend_shared(1, #KEYS / 2, ARGV[4], ARGV[3])
