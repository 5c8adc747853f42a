import type { Finding } from '../diagnosis.js';
import type { Check } from './check.js';

/** Finds two nodes that are one server, and servers that do not say who they are. */
export const identity: Check = ({ nodes, terms }) => {
  const findings: Finding[] = [];
  const owners = new Map<string, string>();
  for (const { name, servers } of nodes) {
    const ids = servers.flatMap(({ runId }) => runId ?? []);
    const other = ids.map((id) => owners.get(id)).find((owner) => owner !== undefined);
    if (other !== undefined) {
      findings.push({
        level: 'unsound',
        code: 'DUPLICATE_SERVER',
        node: name,
        message: `it is the same server as ${other}, so one server would have two votes of the quorum`,
        remedy: `remove ${name} from the nodes, or give the address of another server`,
      });
    }
    for (const id of ids) if (!owners.has(id)) owners.set(id, name);
    if (ids.length < servers.length) {
      findings.push({
        level: terms.quarantine === false ? 'note' : 'warning',
        code: 'IDENTITY_UNKNOWN',
        node: name,
        message:
          'INFO shows no run_id, as behind some proxies, so a restart without data goes unnoticed; grants of the ' +
          'node do not count unless quarantine is false',
        remedy: 'connect to the server itself',
      });
    }
  }
  return findings;
};
