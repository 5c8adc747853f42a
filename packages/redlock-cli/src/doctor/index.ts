export { diagnose } from './diagnose.js';
export type { Diagnosis, Finding, FindingCode, Level } from './diagnosis.js';
export type { DiagnoseOptions } from './options.js';
