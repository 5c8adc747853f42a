import { readArguments } from './arguments.js';
import { account, summary } from './report.js';
import { run } from './run.js';

process.exitCode = await main();

async function main(): Promise<number> {
  const { variant, work, seed, ms } = readArguments();
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interruption.abort(new Error('Interrupted')));
  }
  const options = { variant, work, seed, ms, interrupted: interruption.signal };
  console.log(`Seed ${seed}`);
  try {
    const outcome = await run(options);
    console.log(summary(options, outcome));
    if (outcome.findings.length === 0) return 0;
    console.error(account(outcome));
  } catch (error) {
    if (interruption.signal.aborted) {
      console.error('Interrupted');
      return 130;
    }
    console.error(error);
  }
  return 1;
}
