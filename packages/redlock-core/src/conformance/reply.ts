/** One reply of a server, in RESP2. */
export class Reply {
  readonly value: unknown;
  /** Where the next reply begins. */
  readonly end: number;

  private constructor(value: unknown, end: number) {
    this.value = value;
    this.end = end;
  }

  /** Reads all replies that have arrived as a whole. */
  static readAll(bytes: Buffer): Reply[] {
    const replies: Reply[] = [];
    let reply = Reply.#read(bytes, 0);
    while (reply) {
      replies.push(reply);
      reply = Reply.#read(bytes, reply.end);
    }
    return replies;
  }

  static #read(bytes: Buffer, start: number): Reply | null {
    const lineEnd = bytes.indexOf('\r\n', start);
    if (lineEnd < 0) return null;
    const line = bytes.toString('utf8', start + 1, lineEnd);
    const next = lineEnd + 2;
    switch (bytes.toString('latin1', start, start + 1)) {
      case ':':
        return new Reply(Number(line), next);
      case '-':
        return new Reply(new Error(line), next);
      case '$':
        return Reply.#readBulk(bytes, Number(line), next);
      case '*':
        return Reply.#readList(bytes, Number(line), next);
      default:
        return new Reply(line, next);
    }
  }

  static #readBulk(bytes: Buffer, length: number, start: number): Reply | null {
    if (length < 0) return new Reply(null, start);
    if (bytes.length < start + length + 2) return null;
    return new Reply(bytes.toString('utf8', start, start + length), start + length + 2);
  }

  static #readList(bytes: Buffer, length: number, start: number): Reply | null {
    const values: unknown[] = [];
    let end = start;
    for (let index = 0; index < length; index++) {
      const reply = Reply.#read(bytes, end);
      if (!reply) return null;
      values.push(reply.value);
      end = reply.end;
    }
    return new Reply(values, end);
  }
}
