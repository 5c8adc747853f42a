import type { Deployment } from 'test-kit';

/** No node answers any more. */
export function loseAll(deployment: Deployment): void {
  for (const { proxy } of deployment.nodes) proxy.blackHole();
}
