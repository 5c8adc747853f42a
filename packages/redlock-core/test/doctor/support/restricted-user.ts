import { jest } from '@jest/globals';
import { Deployment, openClient } from 'test-kit';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { type DiagnoseOptions, type Diagnosis, diagnose } from 'redlock-core/doctor';
import { patient } from './fleet.js';

const LOCKER = { username: 'locker', password: 'pw' };

/** Diagnoses one node, so that its vote is needed for a quorum, as a user with these rights. */
export async function diagnosed(
  rights: readonly string[],
  options: DiagnoseOptions = {},
  client: { keyPrefix?: string } = {},
): Promise<Diagnosis> {
  jest.spyOn(console, 'warn').mockReturnValue();
  try {
    const user = ['locker', 'on', '>pw', 'resetchannels', ...rights].join(' ');
    await using deployment = await Deployment.start(1, { config: { user } });
    const own = openClient(6, deployment.node(0).proxy, { ...LOCKER, ...client });
    const node = ioredisNode(deployment.own(own), { name: 'node' });
    return await diagnose([node], { keyPrefix: 'locks:', ...patient, ...options });
  } finally {
    jest.restoreAllMocks();
  }
}
