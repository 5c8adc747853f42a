export {
  adapterConformance,
  type Capability,
  type ConformanceCase,
  type ConformanceOptions,
  type ConformanceTarget,
  type ConnectedNode,
} from './conformance.js';
export { runConformance } from './run.js';
export type { ConformanceServer, ServerAddress } from './server.js';
