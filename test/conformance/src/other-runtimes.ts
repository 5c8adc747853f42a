/** What the table cannot say, written by hand: look at it again when the suite is run with other versions. */
export const OTHER_RUNTIMES = `## Bun and Deno

Tried with Bun 1.4.5 and Deno 2.9.6 on 2026-11-23, with the packages as published. \`pnpm test\` runs a program on both
that contends, extends, loses its lock and releases. \`bash .ci/test-runtimes\` runs the core's own tests:

- Deno: all 1,474 pass, run by Jest.
- Bun: 1,438 of 1,474 pass, run by \`bun test\`. Of the others, 31 expect the class name at the start of an error's stack,
  where Bun writes \`Error:\`, and 5 need Jest's fake timers.

The case that fails on Bun with node-redis 5 and Sentinels failed in two runs of two: the client's own \`destroy\` rejects
while it connects to a server that refuses it. node-redis 6 does not.

On Deno, \`kill\` of a child process sends only one signal, so a server that the suite itself started and stopped never
continues. To run the suite on Deno, [give it a \`server\`](adapters.md#the-conformance-suite) that uses
\`process.kill(pid, signal)\`, as here.

## Servers

All runs were against the server named above. Valkey was not available where they were made. \`pnpm compatibility\` takes
\`valkey-server\` from PATH if there is no \`redis-server\`. [Managed services](operations.md#managed-services) were not
run.
`;
