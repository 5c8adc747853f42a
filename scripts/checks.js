import pLimit from 'p-limit';
import { contentFindings } from './contents.js';
import { attwFindings, publintFindings } from './linters.js';
import { budgetFindings, weigh } from './weight.js';

/** attw is a process of its own, which keeps a core busy for seconds. */
const AT_ONCE = 2;

/** Every tarball with its weight, and with what is wrong with it. */
export function checkAll(tarballs) {
  return pLimit(AT_ONCE).map(tarballs, async (tarball) => {
    const weight = await weigh(tarball);
    const findings = [
      ...(await contentFindings(tarball)),
      ...budgetFindings(tarball, weight),
      ...(await publintFindings(tarball)),
      ...(await attwFindings(tarball)),
    ];
    return { ...tarball, weight, findings };
  });
}

/** The findings of all tarballs, one a line, or that there are none. */
export function findingsOf(checked) {
  return checked.flatMap(({ manifest, findings }) =>
    findings.map((finding) => `${manifest.name}: ${finding}`),
  );
}
