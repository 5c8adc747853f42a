import { script } from './script.js';

/**
 * Deletes the keys that hold the token, and no other.
 *
 * KEYS: the keys. ARGV: token. Reply: 1 all of them did, 0 otherwise.
 */
export const releaseScript = script(`
local held = 1
for _, key in ipairs(KEYS) do
  if redis.pcall('get', key) == ARGV[1] then
    redis.call('del', key)
  else
    held = 0
  end
end
return held
`);
