/** What the table cannot say, written by hand: look at it again when the suite is run with other versions. */
export const OTHER_RUNTIMES = `## Bun and Deno

Tried with Bun 1.4.5 and Deno 2.9.6 on 2026-11-23. The runs of the suite use the packages as published, from a directory
outside of the repository, because Bun follows \`paths\` of a tsconfig.json to sources. \`pnpm test\` runs a program from the
same packages on both: it acquires, contends with two processes (one of them on Node), extends, loses its lock, is told so by
the signal, and releases, on nodes of URLs. \`pnpm test:runtimes\` runs the core's own tests:

- Deno: all 1,474 pass, run by Jest.
- Bun: 1,438 of 1,474 pass, run by \`bun test\`; \`pnpm test:runtimes\` leaves out the three files of the others. These fail:
  - 31 of the stacks of errors. On Bun a stack begins with \`Error:\` and not with the name of the class. \`name\`, \`code\` and
    \`is\` are as they should be.
  - 5 that need Jest's fake timers.

The case that fails on Bun with node-redis 5 and Sentinels failed in two runs of two: the client's own \`destroy\` rejects there
with "None of the sentinels are available" while it is connecting to a server that refuses it. node-redis 6 does not.

On Deno, \`kill\` of a child process sends one signal only. So a server that the suite has started itself and stopped never
goes on, and seven cases fail with any adapter; they pass if the server is signalled by \`process.kill(pid, signal)\`, as it was
here. The adapters reconnect on Deno as they do on Node. If you run the suite on Deno, [give it a
\`server\`](adapters.md#the-conformance-suite) that does so.

## Servers

All runs were against the server that is named above. Valkey was not run: Debian 12 has no package of it, npm has none either,
and no image could be pulled where this was made. The tests and \`pnpm compatibility\` take \`valkey-server\` from PATH if there
is no \`redis-server\`.
`;
