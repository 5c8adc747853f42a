-- include ../commands.lua
-- include ../shared/heal.lua
return heal_shared(1, #KEYS / 2, ARGV[4], ARGV[3])
