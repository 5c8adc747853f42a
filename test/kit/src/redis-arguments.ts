/** Command line arguments, one per word: a directive such as `save 60 1` has several values. */
export function directiveArguments(config: Readonly<Record<string, string>>): string[] {
  const directives = Object.entries(config).map(([key, value]) => `--${key} ${value}`);
  return directives.flatMap((directive) => directive.split(' '));
}

export function redisArguments(
  port: number,
  directory: string,
  config: Readonly<Record<string, string>> = {},
): string[] {
  // What the server has confirmed survives a SIGKILL.
  const durable = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
  return [...placeArguments(port, directory), ...durable, ...directiveArguments(config)];
}

export function sentinelArguments(file: string, port: number, directory: string): string[] {
  return [file, '--sentinel', ...placeArguments(port, directory)];
}

function placeArguments(port: number, directory: string): string[] {
  const place = ['--port', String(port), '--dir', directory, '--bind', '127.0.0.1'];
  return [...place, '--protected-mode', 'no', '--daemonize', 'no'];
}
