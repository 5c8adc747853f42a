import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

// A command that tells the test which signals it gets, and outlives those that it can. Arguments: the port of the test,
// and `mortal` if it ends at SIGTERM. It does what the test says, and ends when the test is gone.

const [port, manner] = process.argv.slice(2);
const socket = connect(Number(port), '127.0.0.1');
const tell = (...words) => void socket.write(`${words.join(' ')}\n`);

const deeds = {
  exit: (code) => process.exit(Number(code)),
  end: (signal) => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  },
  // A process of its own that the command does not wait for.
  fork: (how) => {
    const args = [process.argv[1], port, ...(how ? [how] : [])];
    spawn(process.execPath, args, { stdio: 'ignore' }).unref();
  },
};

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGCONT', 'SIGUSR1', 'SIGUSR2'];
for (const signal of signals) {
  process.on(signal, () => {
    tell(signal);
    if (manner === 'mortal' && signal === 'SIGTERM') socket.end(() => process.exit(0));
  });
}
socket.on('connect', () => tell('pid', process.pid, process.ppid));
socket.on('error', () => process.exit(1));
socket.on('close', () => process.exit(1));
createInterface({ input: socket }).on('line', (line) => {
  const [deed, ...rest] = line.split(' ');
  deeds[deed](...rest);
});
