import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.js';
import { bundle } from './campaign/bundle.js';
import { campaign } from './campaign/campaign.js';
import { judgeAll, tableOf } from './mutants/mutant-table.js';
import { SimulationWorker } from './campaign/simulation-worker.js';
import { drawStory, tellStory } from './story/story.js';
import { neverHappened, tellCampaign } from './campaign/summary.js';

const TABLE = fileURLToPath(new URL('../mutants.md', import.meta.url));
/** Fewer may leave something out by chance. */
const ENOUGH_FOR_ALL = 5000;
const PROGRESS_EVERY = 10_000;

const { schedules: count, seed: first, kind, mutant, mutants, timeline, workers } = readArguments();
const terms = { kind, oracle: mutant?.oracle, wrong: mutant?.wrong };

if (mutants) await judgeMutants();
else if (count === null) await replay(first);
else await simulate(count);

async function simulate(total: number): Promise<void> {
  let next = PROGRESS_EVERY;
  const result = await campaign(
    await bundle(mutant),
    { first, count: total, workers, ...terms },
    (schedules) => {
      if (schedules < next) return;
      next += PROGRESS_EVERY;
      console.log(`${schedules} of ${total} schedules`);
    },
  );
  console.log(tellCampaign(result, first));
  const { failure, tally } = result;
  if (failure) {
    process.exitCode = 1;
    await replay(failure.seed);
  } else if (total >= ENOUGH_FOR_ALL && kind === undefined && neverHappened(tally).length > 0) {
    process.exitCode = 1;
    console.log(`Never happened: ${neverHappened(tally).join(', ')}`);
  }
}

async function replay(seed: number): Promise<void> {
  const worker = new SimulationWorker(await bundle(mutant));
  const { report } = await worker.perform({ first: seed, count: 1, told: true, ...terms });
  await worker.close();
  if (!report) return;
  const file = timeline ?? `simulation-${seed}.svg`;
  await writeFile(file, drawStory(report));
  console.log(tellStory(report));
  console.log(`Trace ${report.digest}. The picture is in ${file}. To see it again:`);
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
