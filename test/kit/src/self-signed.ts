import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, giveBackPort } from './free-port.js';

const run = promisify(execFile);

/** A certificate for localhost that nobody vouches for, and a port where a server shows it. */
export class SelfSigned implements AsyncDisposable {
  readonly port: number;
  readonly #directory: string;

  private constructor(port: number, directory: string) {
    this.port = port;
    this.#directory = directory;
  }

  static async make(): Promise<SelfSigned> {
    const port = await freePort();
    const made = new SelfSigned(port, await mkdtemp(join(tmpdir(), 'redlock-tls-')));
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const files = ['-keyout', made.#key, '-out', made.certificate];
    await run('openssl', ['req', '-x509', ...curve, ...names, ...files]);
    return made;
  }

  /** The file of the certificate. */
  get certificate(): string {
    return join(this.#directory, 'certificate.pem');
  }

  /** The configuration of a server that shows the certificate at the port. */
  get config(): Readonly<Record<string, string>> {
    return {
      'tls-port': String(this.port),
      'tls-cert-file': this.certificate,
      'tls-key-file': this.#key,
      'tls-ca-cert-file': this.certificate,
      'tls-auth-clients': 'no',
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    giveBackPort(this.port);
    await rm(this.#directory, { recursive: true, force: true });
  }

  get #key(): string {
    return join(this.#directory, 'key.pem');
  }
}
