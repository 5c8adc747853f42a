/** The longest delay of a timer, in ms. Node fires a timer with a longer delay at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;
