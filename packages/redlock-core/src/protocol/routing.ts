// Apart from keys.ts, because adapters import this file and its types.

/** Where a command has its keys: they are its words from `start`, before `end`. Scripts alone have any. */
export function keyRange(args: readonly string[]): {
  readonly start: number;
  readonly end: number;
} {
  const [name = '', , count] = args;
  return /^eval(sha)?$/i.test(name) ? { start: 3, end: 3 + Number(count) } : { start: 0, end: 0 };
}

const SLOTS = 16_384;

/** The slot in which a Redis Cluster has a key: CRC16 (XMODEM) of its hash tag, or of the whole key. */
export function slotOf(key: string): number {
  let crc = 0;
  for (const byte of Buffer.from(hashTagOf(key) ?? key)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0);
    crc &= 0xffff;
  }
  return crc % SLOTS;
}

/**
 * The hash tag of a key, or null. By the Redis Cluster specification, it is what stands between the first `{` and the
 * first `}` after it, unless that is empty.
 * @internal
 */
export function hashTagOf(key: string): string | null {
  const open = key.indexOf('{');
  const close = key.indexOf('}', open + 1);
  return open >= 0 && close > open + 1 ? key.slice(open + 1, close) : null;
}
