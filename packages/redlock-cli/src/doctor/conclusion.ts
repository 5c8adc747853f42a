import type { Diagnosis, Finding, Level } from './diagnosis.js';

const LEVELS: readonly Level[] = ['unsound', 'warning', 'note'];

/** Makes a diagnosis of findings in any order. Those that say the same, as of all masters of a Cluster, are one. */
export function diagnosisOf(findings: readonly Finding[]): Diagnosis {
  const each = [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
  return {
    sound: each.every(({ level }) => level !== 'unsound'),
    findings: LEVELS.flatMap((level) => each.filter((finding) => finding.level === level)),
  };
}
