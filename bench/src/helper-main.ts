import { once } from 'node:events';
import { JOBS, type JobName } from './jobs/index.js';

const [name = '', input = ''] = process.argv.slice(2);
// Without its parent the process has no use.
process.once('disconnect', () => process.exit(1));
const load = (
  JOBS as Record<string, () => Promise<(input: unknown) => Promise<() => Promise<unknown>>>>
)[name as JobName];
if (!load) throw new Error(`There is no job ${name}`);
const job = await load();
const run = await job(JSON.parse(input));
process.send?.('ready');
await once(process, 'message');
process.send?.(await run());
