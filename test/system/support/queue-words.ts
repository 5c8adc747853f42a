import type { LockMode } from 'redlock-core';
import type { ScriptHost } from './script-host.js';

/** For how many ms a key is reserved, and a queue stays: no test takes so long. */
export const RESERVATION = 700_000;
export const EXPIRY = 900_000;

/** The channel of a process that waits for a key. */
export function channelOf(key: string, process: string): string {
  return `${key}:called:${process}`;
}

/** @param mode in which the process wants to hold the key */
export function memberOf(key: string, process: string, mode: LockMode = 'exclusive'): string {
  return `${RESERVATION}${mode === 'shared' ? 's' : ''}:${channelOf(key, process)}`;
}

export function entryOf(
  key: string,
  process: string,
  ticket = 0,
  expiry = EXPIRY,
  mode?: LockMode,
): string {
  return `${ticket}:${expiry}:${memberOf(key, process, mode)}`;
}

/** Puts processes into the queue of a key, by the order given. */
export async function queueUp(host: ScriptHost, key: string, ...processes: readonly string[]) {
  for (const [index, process] of processes.entries()) await stand(host, key, process, index + 1);
}

/** Puts one process into the queue of a key. */
export async function stand(
  host: ScriptHost,
  key: string,
  process: string,
  ticket: number,
  mode?: LockMode,
) {
  await host.server.zadd(`{${key}}:waiting`, ticket, memberOf(key, process, mode));
}

/** The processes in the queue of a key, by ticket. */
export async function queueOf(host: ScriptHost, key: string): Promise<string[]> {
  const members = await host.server.zrange(`{${key}}:waiting`, '0', '-1');
  return members.map((member) => member.replace(/^\d+(s?):.*:called:/, '$1 ').trim());
}
