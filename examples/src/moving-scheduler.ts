/**
 * A scheduler that moves when its leader dies. Every machine of the fleet runs this program and campaigns; one at a time
 * is the leader, and schedules. When it dies, the next one leads when the ttl is over; when it is told to stop, at once.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redlock } from 'redlock-core';
import { openNodes } from './nodes.js';

/** For how long a leader that has died is missed, in ms. Ten seconds, in life. */
const TTL = 3000;

/** What each machine runs. */
async function run(machine: string, keyPrefix: string): Promise<void> {
  await using redlock = new Redlock(openNodes(), { owner: machine, keyPrefix });
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  await redlock.election('scheduler', TTL).lead(async (signal, { fencingToken }) => {
    console.log(`${machine}: schedules, in term ${fencingToken}`);
    // The routine ends soon when it is told to, because nobody else leads until it has.
    while (!signal.aborted) await runDueJobs(fencingToken);
    console.log(`${machine}: has ended`);
  }, stop);
}

/** Stands for the work. It sends the term with each write, so that a late one can be refused: see fenced-writer.ts. */
async function runDueJobs(_term: number): Promise<void> {
  await sleep(100);
}

/** Starts a fleet, tells who leads, and lets one leader die and the next one stop. */
async function observe(): Promise<void> {
  // The prefix is a new one for each run of this program, so that no leader of the last run is in the way.
  const keyPrefix = `fleet-${Date.now()}:`;
  const fleet = new Map<string, ChildProcess>();
  for (const machine of ['amsterdam', 'berlin', 'cairo']) {
    fleet.set(machine, fork(fileURLToPath(import.meta.url), [machine, keyPrefix]));
  }
  await using redlock = new Redlock(openNodes(), { keyPrefix });
  const { signal } = new AbortController();
  const fates = ['SIGKILL', 'SIGTERM'] as const;
  let leaders = 0;
  for await (const leader of redlock.election('scheduler', TTL).observe({ signal })) {
    console.log(leader ? `${leader.owner} leads` : 'nobody leads');
    if (leader === null) continue;
    const fate = fates[leaders++];
    if (fate === undefined) break;
    await sleep(500);
    console.log(`${leader.owner} gets ${fate}`);
    fleet.get(leader.owner ?? '')?.kill(fate);
  }
  for (const machine of fleet.values()) {
    machine.kill('SIGTERM');
    if (machine.exitCode === null && machine.signalCode === null) await once(machine, 'exit');
  }
}

const [machine, keyPrefix = ''] = process.argv.slice(2);
await (machine === undefined ? observe() : run(machine, keyPrefix));
