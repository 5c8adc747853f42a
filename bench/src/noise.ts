import { COPY, REFERENCE } from './roster.js';
import { showSpread, type Spread } from './spread.js';

/** The header of ratios to the reference. It tells the ratio of the copy, which is the noise of all of them. */
export function ratioHeader(
  rows: readonly { name: string; ratio: Spread }[],
  reference = REFERENCE,
  copyName = COPY,
): string {
  const copy = rows.find(({ name }) => name === copyName);
  if (!copy) throw new Error(`There is no ${copyName} beside ${reference}`);
  return `× ${reference} (noise: ${showSpread(copy.ratio, 2)})`;
}
