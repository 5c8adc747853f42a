import { cpus } from 'node:os';
import { nodeAway } from './node-away.js';
import { uncontended } from './uncontended.js';

const operations = Number(process.argv[2] ?? 20_000);
if (!Number.isSafeInteger(operations) || operations < 1) {
  console.error('usage: pnpm bench [operations]');
  process.exit(2);
}
const [cpu] = cpus();
console.log(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ` +
    `${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), servers on the same machine\n`,
);
console.log(await uncontended(operations, 'yes'));
// The servers cost least here, so that what the library costs shows most.
console.log(await uncontended(operations, 'no'));
console.log(await nodeAway(operations));
