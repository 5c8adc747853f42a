const immediates = { due: 0 };

/** Runs `callback` when everything is done that waits for nothing but other promises. */
export function afterImmediate(callback: () => void): void {
  immediates.due++;
  setImmediate(() => {
    immediates.due--;
    callback();
  });
}

/** Lets everything run that waits for nothing but other promises and immediates. */
export async function settle(): Promise<void> {
  do await new Promise((resolve) => setImmediate(resolve));
  while (immediates.due > 0);
}
