export type { FindingCode, FindingLevel } from './check.js';
export { diagnose, type DiagnoseOptions, type Diagnosis, type DoctorFinding } from './diagnose.js';
