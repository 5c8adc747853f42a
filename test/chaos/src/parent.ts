import type { Access, Message, Notice, Reply } from './message.js';

/** The process that started this one, and keeps what it works on. */
export class Parent {
  readonly #replies: ((reply: Reply) => void)[] = [];

  constructor(stop: () => void) {
    process.on('message', (message: 'stop' | Reply) => {
      if (message === 'stop') stop();
      // The parent replies in the order in which it was asked.
      else this.#replies.shift()?.(message);
    });
    process.once('disconnect', () => process.exit());
  }

  tell(notice: Notice): void {
    this.#send(notice);
  }

  /** Resolves when the notice is on its way. */
  async told(notice: Notice): Promise<void> {
    await new Promise((resolve) => process.send?.(notice, resolve));
  }

  async access(access: Access): Promise<Reply> {
    const reply = new Promise<Reply>((resolve) => this.#replies.push(resolve));
    this.#send({ kind: 'access', access });
    return reply;
  }

  #send(message: Message): void {
    process.send?.(message);
  }
}
