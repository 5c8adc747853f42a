export type { FindingLevel } from './check.js';
export {
  diagnose,
  type DiagnoseOptions,
  type Diagnosis,
  type DoctorFinding,
  type FindingCode,
} from './diagnose.js';
