export { diagnose } from './diagnose.js';
export type {
  DiagnoseOptions,
  Diagnosis,
  DoctorFinding,
  FindingCode,
  FindingLevel,
} from './finding.js';
