/** What the live cluster takes from the simulator: time, clocks, and processes with pauses. */
export { World } from '../../../../simulator/src/world/world.js';
export { Clock } from '../../../../simulator/src/world/clock.js';
export { ClientProcess, type ValidityEnds } from '../../../../simulator/src/world/process.js';
export {
  calledBy,
  isCall,
  isReservation,
  processOf,
} from '../../../../simulator/src/commands/queue-member.js';
