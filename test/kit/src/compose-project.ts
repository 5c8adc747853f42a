import { execCompose } from 'docker-compose';
import { fileURLToPath } from 'node:url';
import type { ComposeCommand } from './compose-command.js';
import { ExitGuard } from './exit-guard.js';

/** `REDIS_COMPOSE` names another one of the folder. */
const FILE = fileURLToPath(
  new URL(
    `../../../docker/${process.env['REDIS_COMPOSE'] ?? 'docker-compose.yml'}`,
    import.meta.url,
  ),
);

/** The services of a file in docker/, under a project name of their own. */
export class ComposeProject {
  readonly #name: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #command: ComposeCommand;
  readonly #guard: ExitGuard;

  constructor(name: string, command: ComposeCommand, variables: Readonly<Record<string, string>>) {
    this.#name = name;
    this.#command = command;
    this.#env = { ...process.env, ...variables };
    const down = [...command, '-f', FILE, '-p', name, 'down', '-v', '-t', '0'];
    this.#guard = new ExitGuard('[ "$line" = gone ] || "$@"', down, this.#env);
  }

  /** Resolves to what the command has written. */
  async run(command: string, ...args: readonly string[]): Promise<string> {
    try {
      const { out } = await execCompose(command, args, {
        config: FILE,
        composeOptions: ['-p', this.#name],
        env: this.#env,
        ...(this.#command.length === 1 ? { executable: { standalone: true } } : {}),
      });
      return out;
    } catch (failure) {
      throw asError(command, failure);
    }
  }

  /** Removes the containers, their data and their network. */
  async down(): Promise<void> {
    try {
      await this.run('down', '-v', '-t', '0');
      this.#guard.tell('gone');
    } finally {
      await this.#guard.close();
    }
  }
}

/** docker-compose rejects with a plain object. */
function asError(command: string, failure: unknown): Error {
  if (failure instanceof Error) return failure;
  const hasText = typeof failure === 'object' && failure !== null && 'err' in failure;
  const text = hasText ? String(failure.err).trim() : JSON.stringify(failure);
  return new Error(`docker compose ${command}: ${text}`, { cause: failure });
}
