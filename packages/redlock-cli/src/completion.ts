import { COMMON, type Command } from './options.js';
import { UsageError } from './usage-error.js';

/** The script that completes commands and options in a shell. zsh runs that of bash. */
export function completionOf(shell: string | undefined, commands: readonly Command[]): string {
  if (shell !== 'bash' && shell !== 'zsh') {
    throw new UsageError('unknown shell. Use redlock completion bash, or redlock completion zsh.');
  }
  const cases = commands.map(({ name, options }) => {
    const names = Object.keys({ ...options, ...COMMON, help: null });
    return `    ${name}) words='${names.map((option) => `--${option}`).join(' ')}' ;;`;
  });
  const names = [...commands.map(({ name }) => name), 'completion', 'help'].join(' ');
  const setUp =
    'autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n';
  return `${shell === 'zsh' ? setUp : ''}_redlock() {
  local current=\${COMP_WORDS[COMP_CWORD]} words='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [[ \${COMP_WORDS[index]} == -- ]]; then
      COMPREPLY=($(compgen -c -- "$current"))
      return
    fi
  done
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
    completion) words='bash zsh' ;;
  esac
  ((COMP_CWORD == 1)) && words='${names}'
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _redlock redlock
`;
}
