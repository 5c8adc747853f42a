export const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'] as const;
export const CLIENTS = ['A', 'B', 'C'] as const;

export type NodeName = (typeof NODES)[number];
export type ClientName = (typeof CLIENTS)[number];
/** The path between a client and a node. */
export type PathName = `${ClientName}-${NodeName}`;
export type PartName = NodeName | ClientName | PathName;

export function isNode(part: string): part is NodeName {
  return (NODES as readonly string[]).includes(part);
}

export function isClient(part: string): part is ClientName {
  return (CLIENTS as readonly string[]).includes(part);
}

export function pathName(client: ClientName, node: NodeName): PathName {
  return `${client}-${node}`;
}
