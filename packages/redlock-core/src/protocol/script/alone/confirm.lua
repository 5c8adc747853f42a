-- include ../commands.lua
-- include ../confirm.lua
return confirm(1, #KEYS / 2, ARGV[5], ARGV[3], ARGV[6], ARGV[4])
