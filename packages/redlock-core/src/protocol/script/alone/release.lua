-- include ../commands.lua
-- include ../release.lua
local replies, freed, queues = {}, {}, {}
release(1, #KEYS / 3, 3, 1, replies, 0, freed, queues)
if queues[1] and pcall('exists', unpack(queues)) ~= 0 then
  -- include ../call-next.lua
  call_next(freed, queues, replies)
end
return replies[1]
