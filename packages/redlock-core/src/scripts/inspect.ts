import { script } from './script.js';

/** KEYS: one key. Reply: its value or nil, its remaining ms (-1 no expiry, -2 no key). */
export const inspectScript = script(`
return { redis.call('get', KEYS[1]), redis.call('pttl', KEYS[1]) }
`);
