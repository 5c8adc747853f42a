import type { ClientInternals, Command, IoredisClient } from './client.js';
import { bytesOf } from './command-bytes.js';

/** Sends a command and resolves with its reply. */
export type Send = (command: readonly string[]) => Promise<unknown>;

/**
 * How a client is given commands. To make bytes of a long one is most of what it costs, and all nodes
 * of a Redlock are given the same: where the client does not need to change it, that is done once.
 */
export function senderOf(client: IoredisClient): Send {
  const internals = client as unknown as ClientInternals;
  // A Cluster looks for the keys in the arguments, and a prefix is put before each of them.
  if (client.isCluster || internals.options.keyPrefix || !isAsMade(client)) {
    return ([name = '', ...args]) => client.call(name, args);
  }
  const CommandOfClient = commandClassOf(client);
  return (given) => {
    const { name, args, bytes } = bytesOf(given);
    const command = new CommandOfClient(name, [], { replyEncoding: 'utf8' });
    // Not written, but shown by who traces commands.
    command.args = args;
    command.toWritable = () => bytes;
    return internals.sendCommand(command);
  };
}

/** Whoever has put a `call` of his own before the library's is to see every command. */
function isAsMade(client: IoredisClient): boolean {
  let made: unknown;
  for (let level: object | null = client; level; level = Object.getPrototypeOf(level)) {
    if (Object.hasOwn(level, 'call')) made = Reflect.get(level, 'call');
  }
  return Reflect.get(client, 'call') === made && 'sendCommand' in client;
}

type CommandClass = new (name: string, args: [], options: { replyEncoding: 'utf8' }) => Command;

/**
 * The class of what `call` makes and sends. It must be the client's own: that of another version or copy
 * of the package may lack what this client asks of it.
 */
function commandClassOf(client: IoredisClient): CommandClass {
  const asMade = { options: {}, sendCommand: (command: unknown) => command };
  const { constructor } = client.call.call(asMade, 'PING', []);
  return constructor as CommandClass;
}
