import { Subscribers } from '../core.js';
import type { Stream } from '../network/stream.js';

/** The connections that have subscribed to the channels of a server, as far as the server knows. */
export class Channels extends Subscribers<Stream> {
  /**
   * @param isMute whether the server refuses to publish. The memory server cannot refuse that, but a channel without
   * subscribers has the same effect.
   */
  constructor(readonly isMute: boolean) {
    super();
  }

  override subscribe(stream: Stream, channel: string, deliver: (message: string) => void): void {
    if (this.isMute) return;
    super.subscribe(stream, channel, (message) => stream.down.send(() => deliver(message)));
  }
}
