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
  const { keyPrefix } = internals.options;
  // A Cluster looks for the keys in the arguments, and a prefix is put before each of them.
  if (client.isCluster || keyPrefix || typeof internals.sendCommand !== 'function') {
    return ([name = '', ...args]) => client.call(name, args);
  }
  const CommandOfClient = commandClassOf(client);
  return (given) => {
    const { name, args, bytes } = bytesOf(given);
    const command = new CommandOfClient(name, [], { replyEncoding: 'utf8' });
    // Not written, but shown by who traces commands.
    command.args = args;
    command.toWritable = () => bytes;
    internals.sendCommand(command);
    return command.promise;
  };
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
