import { jest } from '@jest/globals';

const now = Date.now.bind(Date);

/** Sets the wall clock of this process forward by `ms`, or back; `jest.restoreAllMocks()` ends it. */
export function shiftWallClock(ms: number): void {
  jest.spyOn(Date, 'now').mockImplementation(() => now() + ms);
}
