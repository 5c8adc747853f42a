import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { describe, expect, test } from '@jest/globals';
import { Deployment, type OtherRuntime, provideRuntime } from 'test-kit';
import type { PackedProject } from '../support/packed-project.js';

type Command = readonly [string, ...string[]];

/** A process that runs commands.mjs. */
class Caller {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  #errors = '';

  constructor([binary, ...args]: Command, cwd: string, urls: readonly string[]) {
    this.#child = spawn(binary, [...args, 'commands.mjs', ...urls], { cwd });
    const lines: Interface = createInterface({ input: this.#child.stdout });
    this.#answers = lines[Symbol.asyncIterator]();
    this.#child.stderr.on('data', (text) => (this.#errors += String(text)));
  }

  async ask(command: string): Promise<unknown> {
    this.#child.stdin.write(`${command}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`It ended: ${this.#errors}`);
    return JSON.parse(value) as unknown;
  }

  /** Resolves to its exit code, when nothing holds it any more. */
  async end(): Promise<unknown> {
    const exited = once(this.#child, 'exit');
    this.#child.stdin.end();
    const [code] = (await exited) as [number | null];
    return code;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

const unavailable: string[] = [];

/** Each with the command that runs a program on it, or without where the registry cannot be reached. */
const runtimes = await Promise.all(
  (['bun', 'deno'] satisfies OtherRuntime[]).map(async (name) => {
    const command = await provideRuntime(name).catch((error: unknown) => {
      unavailable.push(`${name} could not be fetched, so nothing was run on it: ${String(error)}`);
      return null;
    });
    return { name, command };
  }),
);
if (unavailable.length > 0) console.warn(unavailable.join('\n'));

export function testRuntimes(packed: () => PackedProject): void {
  describe.each(runtimes)('on $name', ({ name, command }) => {
    const testOnIt = command ? test : test.skip;

    testOnIt(
      `formats: the packages exclude, wait, extend, lose and release on ${name}`,
      async () => {
        if (!command) return;
        await using deployment = await Deployment.start(3);
        const urls = deployment.nodes.map(({ server }) => `redis://${server.host}:${server.port}`);
        const start = (by: Command): Caller => new Caller(by, packed().directory, urls);
        const [one, other, onNode] = [start(command), start(command), start([process.execPath])];
        try {
          const first = await one.ask('acquire');
          expect(first).toEqual(expect.any(Number));
          expect(await other.ask('tryAcquire')).toBeNull();
          expect(await onNode.ask('tryAcquire')).toBeNull();
          const waiting = other.ask('acquire');
          expect(await one.ask('extend')).toBe(true);
          expect(await one.ask('release')).toBe(true);
          const second = await waiting;
          expect(second).toBeGreaterThan(Number(first));
          expect(await onNode.ask('tryAcquire')).toBeNull();
          expect(await other.ask('signal')).toEqual({ aborted: false });
          await Promise.all(deployment.probes.map((probe) => probe.del('report')));
          expect(await other.ask('extend')).toBe('LOCK_LOST');
          expect(await other.ask('signal')).toEqual({ aborted: true, reason: 'NOT_HELD' });
          expect(await onNode.ask('tryAcquire')).toBeGreaterThan(Number(second));
          expect(await onNode.ask('release')).toBe(true);
          expect(await Promise.all([one.end(), other.end(), onNode.end()])).toEqual([0, 0, 0]);
        } finally {
          for (const caller of [one, other, onNode]) caller.kill();
        }
      },
    );
  });
}
