-- include ../commands.lua
-- include ../inspect.lua
return inspect(1)
