/** The monotonic clock, in ms: the same for all processes of a machine. */
export function machineNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
