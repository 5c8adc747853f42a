/** Resolves when so many have replied. */
export function firstReplies(count: number, replies: readonly Promise<unknown>[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let arrived = 0;
    const arrive = (): void => {
      if (++arrived === count) resolve();
    };
    for (const reply of replies) reply.then(arrive, reject);
  });
}
