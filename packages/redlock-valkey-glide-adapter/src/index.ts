export type { ValkeyGlideClient } from './client.js';
export { valkeyGlideNode, type ValkeyGlideNodeOptions } from './valkey-glide-node.js';
