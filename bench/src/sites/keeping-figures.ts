import { runTogether, startHelper } from '../helper.js';
import type { Laboratory } from './laboratory.js';
import { type Site, SITES } from './layout.js';
import { cutOff } from './situation.js';

/** Of a lock that the clients of a site hold when a site is cut off. Times in ms from then. */
export interface KeepingFigures {
  readonly site: Site;
  readonly lostAfter: number | null;
  /** Until a client of the first other site had it. */
  readonly passedOnAfter: number | null;
}

/** Each site holds a lock with automatic extension; the first that stays waits for that of the lost one. */
export async function measureKeeping(
  laboratory: Laboratory,
  lost: Site,
  { ttl, ms }: { ttl: number; ms: number },
): Promise<KeepingFigures[]> {
  const heir = SITES.find((site) => site !== lost);
  const helpers = await Promise.all(
    SITES.map((site) =>
      startHelper('keepAfar', {
        nodes: laboratory.addresses(site),
        ttl,
        ms,
        holds: `of ${site}`,
        wants: site === heir ? `of ${lost}` : null,
      }),
    ),
  );
  const end = await cutOff(lost).begin(laboratory);
  const outputs = await runTogether(helpers, ms + 30_000);
  await end();
  await Promise.all(helpers.map((helper) => helper[Symbol.asyncDispose]()));
  if (outputs.length < helpers.length) throw new Error('A site hangs that holds a lock');
  const passedOn = outputs.find(({ gotAfter }) => gotAfter !== null)?.gotAfter ?? null;
  return outputs.map(({ lostAfter }, index) => {
    const site = SITES[index] ?? lost;
    return { site, lostAfter, passedOnAfter: site === lost ? passedOn : null };
  });
}
