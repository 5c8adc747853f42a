import { bundle } from '../campaign/bundle.js';
import { campaign } from '../campaign/campaign.js';
import type { Mutant } from './mutant.js';
import { MUTANTS } from './mutants.js';

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
  const { failure } = await campaign(await bundle(mutant), { first: 1, count: limit, workers: 1 });
  return {
    mutant,
    schedules: failure?.seed ?? null,
    oracle: failure?.violation?.oracle ?? '',
    what: failure?.violation?.what ?? '',
  };
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
  return [
    '# Mutants',
    '',
    'Written by `pnpm simulate --mutants`. Each mutant is one deliberate mistake in the core. "Schedules needed" is the number of simulated runs until an [oracle](safety.md) found it, and the seed repeats that run.',
    '',
    '| mutant | what is broken | schedules needed | seed | oracle |',
    '| --- | --- | --- | --- | --- |',
    ...verdicts.map(({ mutant, schedules, oracle }) =>
      [
        '',
        `\`${mutant.name}\``,
        mutant.mistake,
        schedules ?? `**more than ${LIMIT}**`,
        schedules ?? '',
        oracle,
        '',
      ]
        .join(' | ')
        .trim(),
    ),
    '',
  ].join('\n');
}
