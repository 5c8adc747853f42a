/** A command as it is written to a socket. */
export interface CommandBytes {
  readonly name: string;
  /** All but the name. */
  readonly args: readonly string[];
  readonly bytes: Buffer;
}

const NOTHING: readonly string[] = [];

let latest = NOTHING;
let latestBytes: CommandBytes = { name: '', args: NOTHING, bytes: Buffer.alloc(0) };

/** Made once for all nodes that are given the same command in a row, as the core does. */
export function bytesOf(command: readonly string[]): CommandBytes {
  if (command !== latest) {
    latestBytes = encode(command);
    latest = command;
  }
  return latestBytes;
}

/** https://redis.io/docs/latest/develop/reference/protocol-spec/#sending-commands-to-a-redis-server */
function encode(command: readonly string[]): CommandBytes {
  let text = `*${command.length}\r\n`;
  for (const arg of command) text += `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`;
  const [name = '', ...args] = command;
  return { name, args, bytes: Buffer.from(text) };
}
