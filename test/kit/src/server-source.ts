import { findCompose } from './compose-command.js';
import { findExecutable } from './executable.js';

/** Where the servers of this machine come from. */
export type ServerSource = { kind: 'process'; binary: string } | { kind: 'docker' };

/** What `REDIS_SERVERS` asks for. */
export function wantedKind(): ServerSource['kind'] | 'any' {
  const wanted = process.env['REDIS_SERVERS'] ?? '';
  if (wanted === '') return 'any';
  if (wanted === 'process' || wanted === 'docker') return wanted;
  throw new Error(`REDIS_SERVERS must be 'process' or 'docker', not '${wanted}'`);
}

/**
 * redis-server, else valkey-server on PATH, else a Docker engine that answers, else null.
 * `REDIS_SERVERS=process` or `REDIS_SERVERS=docker` in the environment allows only that one.
 */
export async function findServerSource(): Promise<ServerSource | null> {
  const wanted = wantedKind();
  if (wanted !== 'docker') {
    const binary = await findBinary();
    if (binary !== null) return { kind: 'process', binary };
  }
  if (wanted !== 'process' && (await findCompose()) !== null) return { kind: 'docker' };
  return null;
}

/** redis-server, else valkey-server on PATH, else null. */
export async function findBinary(): Promise<string | null> {
  return (await findExecutable('redis-server')) ?? findExecutable('valkey-server');
}
