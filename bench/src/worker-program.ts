/** The program of a worker process: makes one job ready, and does it when its parent says so. */
import { once } from 'node:events';
import { JOBS, type JobName } from './jobs/index.js';

type Load = () => Promise<(input: unknown) => Promise<() => Promise<unknown>>>;

const [name = '', input = ''] = process.argv.slice(2);
// Without its parent the process has no use.
process.once('disconnect', () => process.exit(1));
const load = (JOBS as unknown as Readonly<Record<string, Load>>)[name as JobName];
if (!load) throw new Error(`There is no job ${name}`);
const job = await load();
const run = await job(JSON.parse(input));
process.send?.('ready');
await once(process, 'message');
process.send?.(await run());
