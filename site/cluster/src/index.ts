import { LiveCluster } from './view/live-cluster.js';

const NAME = 'live-cluster';

if (!customElements.get(NAME)) customElements.define(NAME, LiveCluster);
