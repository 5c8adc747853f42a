import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly node: readonly string[] } };
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const WORKFLOWS = join(ROOT, '.github/workflows');

async function workflow(file: string): Promise<Workflow> {
  return parse(await readFile(join(WORKFLOWS, file), 'utf8')) as Workflow;
}

function stepsOf({ jobs }: Workflow): Job['steps'] {
  return Object.values(jobs).flatMap(({ steps }) => steps);
}

describe.each(await readdir(WORKFLOWS))('%s', (file) => {
  test('may read the repository, and nothing else unless a job says so', async () => {
    expect((await workflow(file)).permissions).toEqual({ contents: 'read' });
  });

  test('uses actions in a version', async () => {
    const actions = stepsOf(await workflow(file)).flatMap(({ uses = [] }) => uses);
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action).toMatch(/^actions\/[\w-]+@(v\d+|[\da-f]{40})$/);
  });

  test('runs scripts that there are', async () => {
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const commands = stepsOf(await workflow(file)).flatMap(({ run = [] }) => run);
    for (const command of commands) {
      const [, script] = /^npx -y pnpm@12 (\S+)/.exec(command) ?? [];
      if (script !== undefined && script !== 'install') expect(scripts).toHaveProperty(script);
      const [, path] = /^bash (\S+)/.exec(command) ?? [];
      if (path !== undefined) await access(join(ROOT, path));
    }
    expect(commands.join('\n')).toMatch(/^(bash \.ci\/run|npx -y pnpm@12 release)$/m);
  });
});

test('a change is tested on the oldest Node that packages ask for, by jobs with no further rights', async () => {
  const { on, jobs } = await workflow('ci.yml');
  expect(Object.keys(on)).toEqual(['push', 'pull_request']);
  const { engines } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  for (const { permissions } of Object.values(jobs)) expect(permissions).toBeUndefined();
  const versions = Object.values(jobs).flatMap(({ strategy }) => strategy?.matrix.node ?? []);
  expect(versions).toContain(engines.node.replace('>=', ''));
});

test('only a release publishes, with an identity for provenance and without writing to the repository', async () => {
  const { on, jobs } = await workflow('publish.yml');
  expect(on).toEqual({ release: { types: ['published'] } });
  for (const { permissions } of Object.values(jobs)) {
    expect(permissions).toEqual({ contents: 'read', 'id-token': 'write' });
  }
});
