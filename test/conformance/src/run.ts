import { casesOf } from './cases-of.js';
import type { Result } from './result.js';
import { subjectOf } from './subjects/index.js';
import { deploy, topologies } from './topology.js';

// Runs one cell of the table: <client> <topology>. Prints its result.
const [, , client = '', place] = process.argv;
const subject = subjectOf(client);
const topology = topologies.find((one) => one === place);
if (!topology) throw new Error(`There is no topology ${place}`);

const deployment = await deploy(topology);
const result: Result = { passed: 0, skipped: [], failed: [] };
for (const { name, skip, run } of casesOf(subject, topology, () => deployment)) {
  if (skip !== undefined) {
    result.skipped.push(skip);
    continue;
  }
  try {
    await run();
    result.passed++;
  } catch (error) {
    result.failed.push(name);
    console.error(name, error);
  }
}
console.log(JSON.stringify(result));
await deployment[Symbol.asyncDispose]();
// Some clients cannot be closed while their server refuses them, and would go on for ever.
process.exit();
