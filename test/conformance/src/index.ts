export { casesOf } from './cases-of.js';
export { subjectOf } from './subjects/index.js';
export { deploy, type Deployment, type Topology } from './topology.js';
export type { OpenClient } from './subject.js';
