import type { ScriptHost } from './script-host.js';

/** For how many ms a key is reserved, and a queue stays: no test takes so long. */
export const RESERVATION = 700_000;
export const EXPIRY = 900_000;

/** The channel of a process that waits for a key. */
export function channelOf(key: string, process: string): string {
  return `${key}:called:${process}`;
}

export function memberOf(key: string, process: string): string {
  return `${RESERVATION}:${channelOf(key, process)}`;
}

export function entryOf(key: string, process: string, ticket = 0, expiry = EXPIRY): string {
  return `${ticket}:${expiry}:${memberOf(key, process)}`;
}

/** Puts processes into the queue of a key, by the order given. */
export async function queueUp(host: ScriptHost, key: string, ...processes: readonly string[]) {
  for (const [index, process] of processes.entries()) {
    await host.server.zadd(`{${key}}:waiting`, index + 1, memberOf(key, process));
  }
}

/** The processes in the queue of a key, by ticket. */
export async function queueOf(host: ScriptHost, key: string): Promise<string[]> {
  const members = await host.server.zrange(`{${key}}:waiting`, '0', '-1');
  return members.map((member) => member.replace(`${RESERVATION}:${key}:called:`, ''));
}
