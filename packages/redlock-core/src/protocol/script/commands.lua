-- What all operations use. Perf: a local variable is found faster than the field of a global one, and these
-- are used for every key. `pcall` is that of Redis: it returns an error as a table, in the field `err`.
local KEYS, ARGV, call, pcall = KEYS, ARGV, redis.call, redis.pcall
