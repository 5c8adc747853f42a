/** One character for each permit of a semaphore, as script/grant-permit.lua makes them. */
const HELD = '0';
const FREE = '1';
const RESERVED = '2';

const STATES = new RegExp(`^[${HELD}${FREE}${RESERVED}]+$`);

/** What one node has for each permit of a semaphore. */
export class PermitStates {
  constructor(readonly text: string) {}

  /** Whether there is a permit that the node would grant to anybody. Then it enters nobody in its queue. */
  get hasFree(): boolean {
    return this.text.includes(FREE);
  }

  /** Whether there is a permit that the node keeps for a process that was called. */
  get hasReserved(): boolean {
    return this.text.includes(RESERVED);
  }

  /**
   * Whether the node would grant a permit.
   * @param wasCalled whether it is asked by a process that was called, which may take a permit that is reserved for another
   */
  isFree(permit: number, wasCalled: boolean): boolean {
    const state = this.text.charAt(permit);
    return state === FREE || (wasCalled && state === RESERVED);
  }
}

/** @returns null if the reply is none of the script's */
export function parsePermitStates(reply: string): PermitStates | null {
  return STATES.test(reply) ? new PermitStates(reply) : null;
}
