import type { Figures } from './figures.js';
import type { Plan } from './plan.js';
import { REFERENCE } from './roster.js';
import { section } from './section.js';
import { show, showSpread } from './spread.js';

const NONE = '–';

/** What was measured, as Markdown. */
export function report(figures: Figures, plan: Plan, heading: string): string {
  return [
    heading,
    latency(figures, plan),
    ...figures.throughput.map((one) => throughput(one, plan)),
    nodeAway(figures, plan),
    confirms(figures),
    held(figures, plan),
    keeping(figures, plan),
    growth(figures, plan),
    ...figures.handOff.map((queue) => handOff(queue, plan)),
    contention(figures, plan),
    footprint(figures, plan),
  ].join('\n\n');
}

function latency({ latency: rows }: Figures, { latency: plan }: Plan): string {
  return section(
    'Latency, alone',
    `One caller, one lock at a time; all subjects in turns, operation by operation. Medians of ${plan.rounds} rounds of ${plan.operations} locks (min–max over the rounds).`,
    ['', 'acquire + release, ms', 'p99, ms', `× ${REFERENCE}`],
    rows.map(({ name, ms, p99, ratio }) => [
      name,
      showSpread(ms, 3),
      showSpread(p99, 2),
      showSpread(ratio, 2),
    ]),
  );
}

function throughput(
  { crowd: { workers, resources }, results }: Figures['throughput'][number],
  { throughput: plan }: Plan,
): string {
  const which = resources === 'new' ? 'a new resource each time' : 'each its own resource';
  return section(
    `Throughput, ${workers} workers, ${which}`,
    `${workers} concurrent workers in one process, each acquires and releases, ${resources === 'new' ? which : 'the same resource again and again, that nobody else wants'}. Medians of ${plan.rounds} rounds of ${plan.ms} ms (min–max over the rounds), the subjects in turn, the order reversed each round. CPU, commands and bytes are for one lock, over all five servers; what scripts call inside a server is no command.`,
    [
      '',
      'locks/s',
      `× ${REFERENCE}`,
      'client CPU µs',
      'server CPU µs',
      'commands',
      'bytes on the wire',
    ],
    results.map((row) => [
      row.name,
      showSpread(row.locksPerSecond, 0),
      showSpread(row.ratio, 2),
      showSpread(row.clientMicros, 0),
      showSpread(row.serverMicros, 0),
      show(row.commands.median, 2),
      show(row.bytes.median, 0),
    ]),
  );
}

function nodeAway({ nodeAway: rows }: Figures, { nodeAway: plan }: Plan): string {
  return section(
    'One of five nodes black-holed',
    `The node takes every connection and command and answers nothing. One caller, locks in turns with five healthy nodes; until ${show(plan.operations, 0)} locks or ${plan.limitMs / 1000} s. "Unanswered" are commands that the silent node's client keeps at the end. A subject whose last lock was not done 2 s after the time was over waits for the silent node, for ever or for a timeout of its own.`,
    ['', 'locks', 'ms, five healthy', 'ms, one away', 'unanswered', 'heap growth, MiB'],
    rows.map((row) => [
      row.name,
      row.hangs ? `${row.locks || 'none'}, the next unfinished` : show(row.locks, 0),
      show(row.healthyMs, 3),
      row.woundedMs === null ? NONE : show(row.woundedMs, 3),
      row.pending === null ? NONE : show(row.pending, 0),
      show(row.growthBytes / 2 ** 20, 1),
    ]),
  );
}

function confirms({ confirms: rows }: Figures): string {
  return section(
    'Confirm rounds',
    'How many locks of redlock-core needed a third round, because the fencing counters of their nodes did not agree at once (among them attempts that failed, for contended resources).',
    ['', 'locks', 'confirm rounds', 'share'],
    rows.map(({ situation, locks, confirmed }) => [
      situation,
      show(locks, 0),
      show(confirmed, 0),
      `${show((confirmed / locks) * 100, 2)} %`,
    ]),
  );
}

function held({ held: rows }: Figures, { heldLocks }: Plan): string {
  return section(
    `${show(heldLocks, 0)} held locks`,
    'Taken by 512 workers of one process, and kept. Heap after garbage collection, for one lock.',
    ['', 'time to take them, ms', 'heap bytes a lock'],
    rows.map(({ name, takenMs, heapPerLock }) => [name, show(takenMs, 0), show(heapPerLock, 0)]),
  );
}

function keeping({ keeping: rows }: Figures, { heldLocks, keepMs }: Plan): string {
  return section(
    `${show(heldLocks, 0)} locks kept for ${keepMs / 1000} s`,
    'Held by one process with a ttl of 10 s and extended automatically, beside one timer for each lock and one command for each lock and node.',
    ['', 'extensions', 'lost', 'client CPU µs an extension', 'commands an extension and node'],
    rows.map((row) => [
      row.name,
      show(row.extensions, 0),
      show(row.lost, 0),
      show(row.clientMicros, 1),
      show(row.commands, 4),
    ]),
  );
}

function growth({ growth: { name, growthBytes } }: Figures, { cycles }: Plan): string {
  return section(
    `${show(cycles, 0)} locks that came and went`,
    'Taken and released by 64 workers of one process, after a tenth as many to warm up. Heap after garbage collection, before and after.',
    ['', 'heap growth, KiB'],
    [[name, show(growthBytes / 1024, 0)]],
  );
}

function handOff(
  { waiters, results }: Figures['handOff'][number],
  { handOff: plan }: Plan,
): string {
  const all = waiters.reduce((sum, count) => sum + count, 0);
  return section(
    `Hand-off, ${all} waiters in ${waiters.length === 1 ? 'one process' : `${waiters.length} processes`}`,
    `All want one resource at once and hold it for ${plan.holdMs} ms; each library polls as it does by default, without giving up; ended after ${plan.limitMs / 1000} s. 1.0 would be a lock that passes on at once.`,
    ['', 'got the lock', 'time, s', 'time / time held', 'commands an acquisition'],
    results.map((row) => [
      row.name,
      row.acquired === all ? 'all' : `${row.acquired} of ${all}`,
      show(row.seconds, 2),
      show(row.overhead, 1),
      show(row.commands, 1),
    ]),
  );
}

function contention({ contention: rows }: Figures, { contentionMs }: Plan): string {
  return section(
    'Contention',
    `Processes × workers that want one resource again and again, for ${contentionMs / 1000} s; redlock-core with \`wait: Infinity\`. A hand-off is the time from the call of a release to the next holder's grant; its largest is the longest time nobody had the lock. Share: of the process that had the lock least and most often, over the mean.`,
    [
      '',
      'locks',
      'hand-off, ms',
      'p99',
      'largest',
      'longest wait, ms',
      'share',
      'commands a lock and node',
    ],
    rows.map((row) => [
      row.situation,
      show(row.locks, 0),
      show(row.handOffMs, 2),
      show(row.handOffP99, 2),
      show(row.handOffMax, 1),
      show(row.longestWaitMs, 0),
      `${show(row.leastShare, 2)}–${show(row.mostShare, 2)}`,
      show(row.commands, 2),
    ]),
  );
}

function footprint({ footprint: rows }: Figures, { importRuns }: Plan): string {
  return section(
    'Size and import time',
    `Import: in a fresh process that has imported the client already, median of ${importRuns} fresh processes (min–max). Installed: the package and its dependencies with sources, types and maps, without the client. Bundle: minified, with dependencies, without the client, brotli.`,
    ['', 'version', 'import, ms', 'installed, kB', 'bundle, kB'],
    rows.map((row) => [
      row.name,
      row.version,
      showSpread(row.importMs, 1),
      show(row.installedBytes / 1000, 0),
      show(row.brotliBytes / 1000, 1),
    ]),
  );
}
