import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { describePackage } from './description.js';
import { obstaclesTo } from './obstacles.js';
import { readManifest, readPackages, ROOT } from './packages.js';

// Publishes every package in its present version, or shows what would be published.

const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } });
const packages = await readPackages();
const obstacles = obstaclesTo(packages, await readManifest(ROOT));

if (values['dry-run']) {
  for (const one of packages) console.log(`${describePackage(one)}\n`);
  console.log(obstacles.length > 0 ? told(obstacles) : 'Nothing stands in the way of publishing.');
} else if (obstacles.length > 0) {
  console.error(told(obstacles));
  process.exitCode = 1;
} else {
  pnpm('package-check');
  pnpm('exec', 'changeset', 'publish');
}

function pnpm(...command) {
  execFileSync('pnpm', command, { cwd: ROOT, stdio: 'inherit' });
}

function told(list) {
  const lines = list.map((obstacle) => `- ${obstacle}`);
  return `Nothing can be published yet:\n${lines.join('\n')}`;
}
