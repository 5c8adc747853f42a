import type { RedisNode } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import type { ClientOptions, Deployment } from 'test-kit';
import { pace } from 'test-kit';
import type { Diagnosis, DiagnoseOptions } from 'redlock-core/doctor';

/** For nodes that will answer. No ttl and no timeout is short enough for a standstill to matter. */
export const patient: DiagnoseOptions = { ttl: 600_000, timeout: pace.patient };

/** For nodes that will not answer. */
export const brief: DiagnoseOptions = { ttl: 600_000, timeout: pace.brief };

/** A node for each server of a deployment, through its proxy. */
export function nodesOf(deployment: Deployment, options: ClientOptions = {}): RedisNode[] {
  return deployment.nodes.map((_, index) => ioredisNode(deployment.client(6, index, options)));
}

/** Findings as `level code node`; that all servers are on one host is left out. */
export function summaries({ findings }: Diagnosis): string[] {
  return findings
    .filter(({ code }) => code !== 'SHARED_HOST')
    .map(({ level, code, node }) => [level, code, ...(node === null ? [] : [node])].join(' '));
}

/** A node whose replies are changed on their way. */
export function altered(
  node: RedisNode | undefined,
  alter: (command: readonly string[], reply: unknown) => unknown,
): RedisNode {
  return Object.create(node ?? null, {
    call: {
      value: async (command: readonly string[]) => alter(command, await node?.call(command)),
    },
  }) as RedisNode;
}
