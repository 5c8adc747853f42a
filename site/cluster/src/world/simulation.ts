/** What the live cluster takes from the simulator: time, clocks, and processes with pauses. */
export { World } from '../../../../test/simulator/src/world/world.js';
export { Clock } from '../../../../test/simulator/src/world/clock.js';
export { ClientProcess, type ValidityEnds } from '../../../../test/simulator/src/world/process.js';
