import { script } from './script.js';

/**
 * Gives every key a new expiry if all of them hold the token.
 *
 * KEYS: the keys. ARGV: token, ttl in ms. Reply: 1 extended, 0 not ours.
 */
export const extendScript = script(`
for _, key in ipairs(KEYS) do
  local value = redis.pcall('get', key)
  if type(value) == 'table' and not string.find(value.err, 'WRONGTYPE', 1, true) then
    return value
  end
  if value ~= ARGV[1] then return 0 end
end
for _, key in ipairs(KEYS) do
  redis.call('pexpire', key, ARGV[2])
end
return 1
`);
