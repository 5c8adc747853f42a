import { expect, test } from '@jest/globals';
import { reservationOf } from '../../src/waiting/reservation.js';

test.each([
  { roundTrip: 0, reservation: 10 },
  { roundTrip: 20.2, reservation: 81 },
  { roundTrip: 5000, reservation: 1000 },
])('a reservation is four round trips of $roundTrip ms: $reservation ms', (each) => {
  expect(reservationOf(each.roundTrip)).toBe(each.reservation);
});
