import { Claim } from './claim.js';
import type { Core } from './core.js';
import type { Ballot } from './ballot.js';
import { grant, release } from './operation.js';
import { fullValidity, readClocks, Validity } from './validity.js';
import { judgeAll, judgeGrant, type GrantVerdict } from './verdict.js';

/** `late`: a quorum granted, but when it had, no validity was left. */
export type Refusal = Exclude<GrantVerdict, 'granted'> | 'late';

export type Attempt =
  | { readonly granted: true; readonly claim: Claim; readonly validity: Validity }
  | { readonly granted: false; readonly refusal: Refusal; readonly ballots: readonly Ballot[] };

/** Asks every node once, and leaves nothing behind where that does not make a lock (design section 5). */
export async function attempt(core: Core, keys: readonly string[], ttl: number): Promise<Attempt> {
  const { quorum, runtime, settings } = core;
  const claim = new Claim(keys, runtime.token());
  const start = readClocks(runtime);
  const { decision, ballots } = await quorum.ask(grant(claim, ttl), claim, ttl, judgeGrant);
  if (decision === 'granted') {
    const validity = Validity.since(start, fullValidity(ttl, settings.driftFactor));
    if (validity.remaining(runtime) > 0) return { granted: true, claim, validity };
  }
  await withdraw(core, claim, ttl, ballots);
  return { granted: false, refusal: decision === 'granted' ? 'late' : decision, ballots };
}

/** Releases everywhere, and waits for the nodes that granted: they answer, and hold others up. */
async function withdraw(
  { quorum }: Core,
  claim: Claim,
  ttl: number,
  ballots: readonly Ballot[],
): Promise<void> {
  claim.over = true;
  const granted = ballots.filter(({ vote }) => vote === 'granted').map(({ index }) => index);
  const released = quorum.ask(release(claim), claim, ttl, (releases, nodes) => {
    const voted = new Set(releases.map(({ index }) => index));
    return granted.every((index) => voted.has(index)) || judgeAll(releases, nodes);
  });
  if (granted.length > 0) await released;
}
