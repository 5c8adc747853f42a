import { keyRange } from 'redlock-core/adapter';

const SLOTS = 16_384;

/** The slot of a command: CRC16 (XMODEM) of the hash tag of its first key, or of the whole key; 0 if it has no key. */
export function slotOf(args: readonly string[]): number {
  const { start, end } = keyRange(args);
  const key = end > start ? (args[start] ?? '') : '';
  const tag = /^[^{]*\{([^}]+)\}/s.exec(key)?.[1] ?? key;
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0);
    crc &= 0xffff;
  }
  return crc % SLOTS;
}
