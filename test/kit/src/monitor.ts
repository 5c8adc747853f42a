import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface CommandMonitor {
  /** What the server has carried out since, such as `"set" "key" "value"`, oldest first. */
  commands(): string[];
  /** Resolves when `commands()` holds all that the server had carried out before this call. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

interface Address {
  host: string;
  port: number;
}

/** Records every command that reaches the server, by MONITOR. */
export async function monitorCommands(server: Address): Promise<CommandMonitor> {
  const socket = await open(server);
  const markers = new Set<string>();
  const progress = new EventEmitter();
  let text = '';
  socket.on('data', (chunk: string) => {
    text += chunk;
    progress.emit('progress');
  });
  socket.once('close', () => progress.emit('progress'));
  socket.write('MONITOR\r\n');
  await once(progress, 'progress');

  const reached = async (marker: string): Promise<void> => {
    if (text.includes(marker)) return;
    if (socket.destroyed) throw new Error('The monitor has lost its server');
    await once(progress, 'progress');
    return reached(marker);
  };

  return {
    commands: () => {
      // The first line is +OK, the last one may not be whole yet.
      const lines = text.split('\r\n').slice(1, -1);
      const commands = lines.map((line) => line.slice(line.indexOf('] ') + 2));
      return commands.filter((command) => !markers.has(command));
    },
    settle: async () => {
      const marker = `"ECHO" "${randomUUID()}"`;
      markers.add(marker);
      const other = await open(server);
      other.write(`${marker}\r\n`);
      await reached(`${marker}\r\n`);
      other.destroy();
    },
    close: async () => {
      if (socket.closed) return;
      socket.destroy();
      await once(socket, 'close');
    },
  };
}

async function open({ host, port }: Address): Promise<Socket> {
  const socket = connect({ host, port });
  await once(socket, 'connect');
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  return socket;
}
