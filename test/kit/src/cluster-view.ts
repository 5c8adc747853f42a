/** What one server of a Redis Cluster believes about the others. */
export interface ClusterMember {
  readonly id: string;
  readonly port: number;
  readonly isMaster: boolean;
  /** The id of its master; `-` for a master. */
  readonly follows: string;
  readonly hasFailed: boolean;
  readonly isConnected: boolean;
  readonly slots: readonly (readonly [first: number, last: number])[];
}

/** Reads the reply to `CLUSTER NODES`. */
export function parseClusterView(text: string): readonly ClusterMember[] {
  return text.trim().split('\n').map(parseMember);
}

export function ownerOf(view: readonly ClusterMember[], slot: number): ClusterMember | undefined {
  return view.find(({ slots }) => slots.some(([first, last]) => first <= slot && slot <= last));
}

function parseMember(line: string): ClusterMember {
  const [id = '', address = '', flagList = '', follows = '', , , , link, ...slots] =
    line.split(' ');
  const flags = flagList.split(',');
  return {
    id,
    port: Number(/:(\d+)@/.exec(address)?.[1]),
    isMaster: flags.includes('master'),
    follows,
    hasFailed: flags.includes('fail'),
    isConnected: link === 'connected' && !flags.includes('handshake'),
    // In brackets: a slot on its way.
    slots: slots.filter((range) => !range.startsWith('[')).map(parseRange),
  };
}

function parseRange(range: string): readonly [number, number] {
  const [first, last = first] = range.split('-').map(Number);
  if (first === undefined || last === undefined) throw new Error(`No range of slots: ${range}`);
  return [first, last];
}
