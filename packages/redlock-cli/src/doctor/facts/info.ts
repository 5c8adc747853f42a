/** What `INFO` says about one server, as far as locks depend on it. */
export interface ServerFacts {
  /** A random id, which changes each time the server starts; null: it shows none, as some proxies do. */
  readonly runId: string | null;
  /** A random id that a master shares with its replicas. */
  readonly replicationId: string | null;
  /** What Redis says; a Valkey says which Redis it is compatible with. */
  readonly version: string | null;
  readonly isReplica: boolean;
  /** host:port of the master of a replica. */
  readonly master: string | null;
  /** How many replicas are connected. */
  readonly replicas: number;
  /** Whether it takes writes only while enough replicas follow it. */
  readonly isGuarded: boolean;
  readonly isClusterMember: boolean;
  readonly hasAppendOnlyFile: boolean;
  /** In bytes; 0: no limit. */
  readonly maxMemory: number;
  readonly usedMemory: number;
  readonly evictionPolicy: string | null;
}

export function serverFactsIn(info: unknown): ServerFacts {
  const fields = new Map(
    Array.from(String(info).matchAll(/^([a-z_]+):(.*?)\r?$/gm), ([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
  const text = (name: string): string | null => fields.get(name) || null;
  const number = (name: string): number => Number(fields.get(name) ?? 0);
  const isReplica = text('role') === 'slave';
  return {
    runId: text('run_id'),
    replicationId: text('master_replid'),
    version: text('redis_version'),
    isReplica,
    master: isReplica ? `${text('master_host')}:${text('master_port')}` : null,
    replicas: number('connected_slaves'),
    // It is there only if min-replicas-to-write and min-replicas-max-lag are.
    isGuarded: fields.has('min_slaves_good_slaves'),
    isClusterMember: number('cluster_enabled') === 1,
    hasAppendOnlyFile: number('aof_enabled') === 1,
    maxMemory: number('maxmemory'),
    usedMemory: number('used_memory'),
    evictionPolicy: text('maxmemory_policy'),
  };
}
