import { bundle } from '../campaign/bundle.js';
import { campaign } from '../campaign/campaign.js';
import { MUTANTS, type Mutant } from './mutants.js';

/** A mutant that lives for so many schedules is not caught. */
const LIMIT = 20_000;

export interface Verdict {
  readonly mutant: Mutant;
  /** How many schedules it took; null: it lives. */
  readonly schedules: number | null;
  readonly oracle: string;
  readonly what: string;
}

/** Runs a mutant until a promise is broken. */
export async function judge(mutant: Mutant, limit = LIMIT): Promise<Verdict> {
  const { name, kind, oracle } = mutant;
  const terms = { first: 1, count: limit, workers: 1, share: 10, kind, oracle, mutant: name };
  const { failure } = await campaign(await bundle(mutant), terms);
  const { oracle: found = '', what = '' } = failure?.violation ?? {};
  return { mutant, schedules: failure?.seed ?? null, oracle: found, what };
}

/** Judges all, as many at a time as there are workers. */
export async function judgeAll(
  workers: number,
  told: (verdict: Verdict) => void,
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  const left = MUTANTS.values();
  const work = async (): Promise<void> => {
    for (const mutant of left) {
      const verdict = await judge(mutant);
      verdicts.push(verdict);
      told(verdict);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return verdicts.toSorted((a, b) => MUTANTS.indexOf(a.mutant) - MUTANTS.indexOf(b.mutant));
}

export function tableOf(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ mutant: { name, kind }, schedules, oracle }) => {
    const cells = [name, kind, schedules ?? `**more than ${LIMIT}**`, oracle];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '# Mutants',
    '',
    'Written by `pnpm simulate --mutants`. Each mutant is one deliberate mistake, in the core or around it. Its name begins with the promise that it breaks. It is run with plans of one kind, from seed 1 on, until an [oracle](README.md#oracles) has found it: the last seed repeats that run.',
    '',
    '| mutant | plans | seed | oracle |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
