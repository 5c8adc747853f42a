import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.js';
import { bundle } from './campaign/bundle.js';
import { campaign, neverHappened, perform } from './campaign/campaign.js';
import { judgeAll, tableOf } from './mutants/judge.js';
import { tellStory } from './run/story.js';

const TABLE = fileURLToPath(new URL('../mutants.md', import.meta.url));
/** Fewer may leave something out by chance. */
const ENOUGH_FOR_ALL = 5000;
const PROGRESS_EVERY = 10_000;

const { schedules: count, seed: first, kind, mutant, mutants, workers } = readArguments();
const terms = { kind, oracle: mutant?.oracle, mutant: mutant?.name };

if (mutants) await judgeMutants();
else if (count === null) await replay(first);
else await simulate(count);

async function simulate(total: number): Promise<void> {
  const start = performance.now();
  let next = PROGRESS_EVERY;
  const { schedules, events, failure, tally } = await campaign(
    await bundle(mutant),
    { first, count: total, workers, ...terms },
    (done) => {
      if (done < next) return;
      next += PROGRESS_EVERY;
      console.log(`${done} of ${total} schedules`);
    },
  );
  const seconds = (performance.now() - start) / 1000;
  const speed = `${seconds.toFixed(1)} s, ${Math.round(schedules / seconds)} schedules a second`;
  console.log(
    `${schedules} schedules, seeds ${first} to ${first + schedules - 1}, ${events} events, ${speed}`,
  );
  const counts = Object.entries(tally).map(([name, number]) => `${name} ${number}`);
  console.log(counts.join(', '));
  const never = neverHappened(tally);
  if (failure) {
    process.exitCode = 1;
    await replay(failure.seed);
  } else if (total >= ENOUGH_FOR_ALL && kind === undefined && never.length > 0) {
    process.exitCode = 1;
    console.log(`Never happened: ${never.join(', ')}`);
  }
}

async function replay(seed: number): Promise<void> {
  const task = { first: seed, count: 1, told: true, ...terms };
  const { report } = await perform(await bundle(mutant), task);
  if (!report) return;
  console.log(tellStory(report));
  console.log(`Trace ${report.digest}. To see it again:`);
  const again = mutant ? ` --mutant '${mutant.name}'` : '';
  const ofKind = kind ? ` --kind ${kind}` : '';
  console.log(`  npx pnpm@12 simulate --seed ${seed}${ofKind}${again}`);
  if (report.violation) process.exitCode = 1;
}

async function judgeMutants(): Promise<void> {
  const verdicts = await judgeAll(workers, ({ mutant: { name }, schedules, oracle, what }) => {
    console.log(`${name}: ${schedules === null ? 'LIVES' : `${schedules}, ${oracle}: ${what}`}`);
  });
  await writeFile(TABLE, tableOf(verdicts));
  console.log(`Written to ${TABLE}`);
  if (verdicts.some(({ schedules }) => schedules === null)) process.exitCode = 1;
}
