/** A command with its bytes, as they are written to a socket. */
export interface CommandBytes {
  readonly command: readonly string[];
  readonly name: string;
  /** The words after the name. */
  readonly args: readonly string[];
  readonly bytes: Buffer;
}

let latest = encode([]);

/**
 * Perf: time per command. The bytes are made once for all nodes that are given the same command one after another, as
 * the core gives it.
 */
export function bytesOf(command: readonly string[]): CommandBytes {
  if (command !== latest.command) latest = encode(command);
  return latest;
}

/** https://redis.io/docs/latest/develop/reference/protocol-spec/#sending-commands-to-a-redis-server */
function encode(command: readonly string[]): CommandBytes {
  const lines = [`*${command.length}`];
  for (const arg of command) lines.push(`$${Buffer.byteLength(arg)}`, arg);
  lines.push('');
  const [name = ''] = command;
  return { command, name, args: command.slice(1), bytes: Buffer.from(lines.join('\r\n')) };
}
