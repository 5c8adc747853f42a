import { checkAll, findingsOf } from './checks.js';
import { readPackages } from './packages.js';
import { withTarballs } from './tarballs.js';
import { describeLoad } from './weight.js';

// Checks every package as it would be published.

const checked = await withTarballs(await readPackages(), checkAll);
for (const { manifest, weight } of checked) {
  const { tarball, entries } = weight;
  console.log([`${manifest.name}: ${tarball} kB`, ...entries.map(describeLoad)].join('\n  '));
}
const findings = findingsOf(checked);
if (findings.length > 0) {
  console.error(`\n${findings.join('\n')}`);
  process.exitCode = 1;
} else {
  console.log(`\n${checked.length} packages are fit to be published.`);
}
