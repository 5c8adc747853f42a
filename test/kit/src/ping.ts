import { performance } from 'node:perf_hooks';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pace } from './pace.js';

const ATTEMPT_MS = 1_000;
const INTERVAL_MS = 4;

export interface Readiness {
  port: number;
  /** The server that answers must be this process: another one may have taken the port. */
  pid?: number;
  /** Stops the waiting, which then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Resolves when the server on this port of 127.0.0.1 answers PING. */
export async function answersPing(
  readiness: Readiness,
  deadline = performance.now() + pace.limit,
): Promise<void> {
  const reply = await greet(readiness.port);
  readiness.signal?.throwIfAborted();
  if (isReady(reply, readiness.pid)) return;
  if (performance.now() > deadline) {
    throw new Error(
      `No PONG from 127.0.0.1:${readiness.port} in ${pace.limit} ms: ${reply || 'no answer'}`,
    );
  }
  await sleep(INTERVAL_MS);
  return answersPing(readiness, deadline);
}

function isReady(reply: string, pid: number | undefined): boolean {
  // A server with a password is up, too.
  if (reply.startsWith('-NOAUTH')) return true;
  if (!reply.startsWith('+PONG')) return false;
  return pid === undefined || reply.includes(`process_id:${pid}\r\n`);
}

/** The whole answer to PING, INFO and QUIT, or what came of it. */
function greet(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    let reply = '';
    socket.setEncoding('latin1');
    socket.setTimeout(ATTEMPT_MS, () => socket.destroy());
    socket.on('connect', () => socket.write('PING\r\nINFO server\r\nQUIT\r\n'));
    socket.on('data', (text: string) => {
      reply += text;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      resolve(reply);
    });
  });
}
