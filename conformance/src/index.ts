export { casesOf } from './cases-of.js';
export { subjects } from './subjects/index.js';
export { deploy, type Deployment, type Topology } from './topology.js';
