import { script } from './script.js';

/**
 * Sets every key to the token with an expiry, or none of them. A key that holds this very token
 * does not stand in the way: the client may have re-sent the command.
 *
 * KEYS: the keys. ARGV: token, ttl in ms.
 * Reply: for each key in the way its position (from 0), the start of its value, its remaining ms.
 * Empty: granted.
 */
export const grantScript = script(`
local denials = {}
for i, key in ipairs(KEYS) do
  local value = redis.pcall('get', key)
  if type(value) == 'table' then
    if not string.find(value.err, 'WRONGTYPE', 1, true) then return value end
    value = '(not a string)'
  end
  if value and value ~= ARGV[1] then
    denials[#denials + 1] = { i - 1, string.sub(value, 1, 64), redis.call('pttl', key) }
  end
end
if #denials == 0 then
  for _, key in ipairs(KEYS) do
    redis.call('set', key, ARGV[1], 'px', ARGV[2])
  end
end
return denials
`);
