import { parseArgs } from 'node:util';
import { checkAll, findingsOf } from './checks.js';
import { describePackage } from './description.js';
import { obstaclesTo } from './obstacles.js';
import { readManifest, readPackages, ROOT } from './packages.js';
import { publish } from './publication.js';
import { withTarballs } from './tarballs.js';

// Packs and checks every package, shows what would be published, and publishes it unless it is a dry run.

const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } });
const isDryRun = values['dry-run'];
const packages = await readPackages();
const obstacles = obstaclesTo(packages, await readManifest(ROOT));

if (obstacles.length > 0 && !isDryRun) refuse(obstacles);
else await withTarballs(packages, release);

async function release(tarballs) {
  const checked = await checkAll(tarballs);
  for (const one of checked) console.log(`${describePackage(one)}\n`);
  const findings = findingsOf(checked);
  if (findings.length > 0) {
    refuse([...obstacles, ...findings]);
    return;
  }
  console.log('All packages pass all checks.');
  // A dry run checks the packages. They may be fit to be published before there is a place for them.
  console.log(obstacles.length > 0 ? told(obstacles) : 'Nothing stands in the way of publishing.');
  if (!isDryRun) publish(checked);
}

function refuse(reasons) {
  console.error(told(reasons));
  process.exitCode = 1;
}

function told(reasons) {
  return ['Nothing can be published yet:', ...reasons].join('\n- ');
}
