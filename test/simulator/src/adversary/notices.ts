/** How long a process may take to find out that its connection is gone, in ms. */
export const NOTICES = [0, 1, 20, 500, Infinity] as const;
