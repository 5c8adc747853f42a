import type { ClientInternals, Command, IoredisClient } from './client.js';
import { bytesOf } from './command-bytes.js';

/** Sends a command and resolves with its reply. */
export type Send = (command: readonly string[]) => Promise<unknown>;

/**
 * Makes the function that gives commands to a client.
 *
 * Perf: time per command. Most of what a long command costs is making bytes of it, and all nodes of a Redlock are given
 * the same command. If the client need not change the command, that is done once.
 */
export function senderOf(client: IoredisClient): Send {
  const internals = client as unknown as ClientInternals;
  // A Cluster looks for keys in the arguments, and a client with a prefix puts it before each key.
  if (client.isCluster || internals.options.keyPrefix || !isAsMade(client)) {
    return ([name = '', ...args]) => client.call(name, args);
  }
  const CommandOfClient = commandClassOf(client);
  return (given) => {
    const { name, args, bytes } = bytesOf(given);
    const command = new CommandOfClient(name, [], { replyEncoding: 'utf8' });
    // These are not written, but tracing tools show them.
    command.args = args;
    command.toWritable = () => bytes;
    return internals.sendCommand(command);
  };
}

/** Whether `call` is the library's own. If somebody has replaced it, the replacement must see every command. */
function isAsMade(client: IoredisClient): boolean {
  let made: unknown;
  for (let level: object | null = client; level; level = Object.getPrototypeOf(level)) {
    if (Object.hasOwn(level, 'call')) made = Reflect.get(level, 'call');
  }
  return Reflect.get(client, 'call') === made && 'sendCommand' in client;
}

type CommandClass = new (name: string, args: [], options: { replyEncoding: 'utf8' }) => Command;

/**
 * The class of the commands that `call` makes. It must be the client's own class: that of another version or copy of
 * the package may lack something that this client needs.
 */
function commandClassOf(client: IoredisClient): CommandClass {
  const asMade = { options: {}, sendCommand: (command: unknown) => command };
  const { constructor } = client.call.call(asMade, 'PING', []);
  return constructor as CommandClass;
}
