/**
 * BullMQ beside a lock. BullMQ gives each job to one worker at a time, most of the time; two jobs about the same shop, or
 * one job given out twice, need a lock. Start two workers, and add jobs: `bullmq.js add 7 7 8`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DelayedError, type Job, Queue, Worker } from 'bullmq';
import { Redlock, ResourceLockedError } from 'redlock-core';
import { openNodes, urls } from '../nodes.js';

/** The Redis of the queue need not be one of the nodes. */
const connection = { url: process.env['QUEUE_URL'] || urls[0] || '' };

/** After this time, in ms, BullMQ gives the job of a worker that has died to another. Its default is 30 s. */
const STALLED = Number(process.env['STALLED_MS'] ?? 30_000);

/** Shorter than STALLED: when a job of a dead worker is given out again, its lock is already over. */
const TTL = 10_000;

/** How long a job of a shop that is busy stays away, in ms. */
const DELAY = 1000;

/** Stands for the time that the work takes, in ms. */
const WORK = Number(process.env['WORK_MS'] ?? 2000);

interface Import {
  readonly shop: string;
}

function importer(redlock: Redlock): Worker<Import> {
  const processJob = async (job: Job<Import>, token?: string): Promise<void> => {
    const { shop } = job.data;
    try {
      // Does not wait, because that would keep this worker from jobs of other shops.
      await redlock.using(`shop:${shop}`, TTL, { wait: 0 }, (signal, { fencingToken }) =>
        importPrices(shop, fencingToken, signal),
      );
    } catch (error) {
      // Any other error, such as QuorumError, fails the attempt: BullMQ retries by `attempts` and `backoff`.
      if (!ResourceLockedError.is(error)) throw error;
      console.log(`shop ${shop}: locked, job ${job.id} is delayed`);
      await job.moveToDelayed(Date.now() + DELAY, token);
      // Reports to BullMQ that the job was moved. It costs no attempt.
      throw new DelayedError();
    }
  };
  return new Worker('imports', processJob, {
    connection,
    lockDuration: STALLED,
    stalledInterval: STALLED,
  });
}

/** Stands for the work. It sends the fencing token with each write, so that a late one can be refused. */
async function importPrices(shop: string, fence: number, signal: AbortSignal): Promise<void> {
  console.log(`shop ${shop}: begins with fencing token ${fence}`);
  await sleep(WORK, undefined, { signal }).catch(() => signal.throwIfAborted());
  console.log(`shop ${shop}: done with fencing token ${fence}`);
}

async function add(shops: readonly string[]): Promise<void> {
  const queue = new Queue<Import>('imports', { connection });
  const opts = { attempts: 3, backoff: { type: 'exponential', delay: 1000 } };
  await queue.addBulk(shops.map((shop) => ({ name: 'import', data: { shop }, opts })));
  await queue.close();
}

async function work(): Promise<void> {
  const redlock = new Redlock(openNodes());
  const worker = importer(redlock);
  worker.on('failed', (job, error) => console.log(`job ${job?.id} failed: ${error.message}`));
  worker.on('error', (error) => console.log(error.message));
  await worker.waitUntilReady();
  console.log('works');
  // Jobs under way end first.
  process.once('SIGTERM', () => void worker.close().then(() => redlock.close()));
}

const [command, ...shops] = process.argv.slice(2);
await (command === 'add' ? add(shops) : work());
