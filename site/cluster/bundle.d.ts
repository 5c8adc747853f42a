/** @returns the size of the module in bytes, compressed as it is sent */
export function bundle(file?: string): Promise<number>;
