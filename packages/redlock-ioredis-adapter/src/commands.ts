import type { Command } from 'ioredis';
import type { Internals } from './client.js';

/** Sends a command and resolves with its reply. */
export type Send = (command: readonly string[]) => Promise<unknown>;

/**
 * Makes the function that gives commands to a client.
 *
 * Perf: time per command. Most of what a long command costs is making bytes of it, and all nodes of a Redlock are given
 * the same command. If the client need not change the command, that is done once.
 */
export function senderOf(client: Internals): Send {
  // A Cluster looks for keys in the arguments, and a client with a prefix puts it before each key.
  if (client.isCluster || client.options.keyPrefix || !isAsMade(client)) {
    return ([name = '', ...args]) => client.call(name, args);
  }
  const CommandOfClient = commandClassOf(client);
  return (given) => {
    if (given !== latest.command) latest = encode(given);
    const { name, args, bytes } = latest;
    const command = new CommandOfClient(name, [], { replyEncoding: 'utf8' });
    // These are not written, but tracing tools show them.
    command.args = args;
    command.toWritable = () => bytes;
    return client.sendCommand(command) as Promise<unknown>;
  };
}

/** Whether `call` is the client's original method. If the program has replaced it, the replacement must see every command. */
function isAsMade(client: Internals): boolean {
  let made: unknown;
  for (let level: object | null = client; level; level = Object.getPrototypeOf(level)) {
    if (Object.hasOwn(level, 'call')) made = Reflect.get(level, 'call');
  }
  return Reflect.get(client, 'call') === made && 'sendCommand' in client;
}

/**
 * The class of the commands that `call` makes. It must be the client's own class: that of another version or copy of
 * the package may lack something that this client needs.
 */
function commandClassOf(client: Internals): typeof Command {
  const asMade = { options: {}, sendCommand: (command: unknown) => command };
  const { constructor } = client.call.call(asMade, 'PING');
  return constructor as typeof Command;
}

/** The latest command, with its bytes as they are written to a socket: the core gives it to one node after another. */
let latest = encode([]);

/** https://redis.io/docs/latest/develop/reference/protocol-spec/#sending-commands-to-a-redis-server */
function encode(command: readonly string[]) {
  const lines = [`*${command.length}`];
  for (const arg of command) lines.push(`$${Buffer.byteLength(arg)}`, arg);
  lines.push('');
  const [name = '', ...args] = command;
  return { command, name, args, bytes: Buffer.from(lines.join('\r\n')) };
}
