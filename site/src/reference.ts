import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Application, type TypeDocOptions } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import { showAliasedInterfaces } from './aliased-interface.js';
import { ROOT } from './repository.js';

const TARGET = join(ROOT, 'site/reference');

/** Constants and functions first: with them a reader begins. */
const STYLE: Partial<TypeDocOptions> & PluginOptions = {
  groupOrder: [
    'Variables',
    'Functions',
    'Classes',
    'Interfaces',
    'Type Aliases',
    'Constructors',
    'Properties',
    'Accessors',
    'Methods',
    '*',
  ],
  router: 'module',
  entryFileName: 'index',
  useCustomAnchors: true,
  customAnchorsFormat: 'curlyBrace',
  hideBreadcrumbs: true,
  hidePageHeader: true,
  useCodeBlocks: true,
  indexFormat: 'table',
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  classPropertiesFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  enumMembersFormat: 'table',
  tableColumnSettings: { hideInherited: true, hideOverrides: true, hideModifiers: true },
};

interface Manifest {
  readonly exports?: Readonly<Record<string, { readonly import: { readonly types: string } }>>;
}

/** Writes a page for each entry of each package: what it exports, with types and docstrings. */
export async function writeReference(): Promise<void> {
  const app = await Application.bootstrapWithPlugins({
    name: 'Reference',
    outputs: [{ name: 'markdown', path: TARGET }],
    entryPoints: await entryPoints(),
    tsconfig: join(ROOT, 'site/tsconfig.reference.json'),
    plugin: ['typedoc-plugin-markdown'],
    logLevel: 'Warn',
    treatWarningsAsErrors: true,
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    disableSources: true,
    readme: 'none',
    ...STYLE,
  });
  showAliasedInterfaces(app);
  const project = await app.convert();
  if (project === undefined) throw new Error('TypeDoc could not read the packages; see above');
  // TypeDoc calls a module by its path.
  for (const module of project.children ?? []) module.name = module.name.replace('/dist', '');
  await rm(TARGET, { recursive: true, force: true });
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Error('The reference is incomplete; see above');
  }
}

/** The declarations of all that can be imported from a package. */
async function entryPoints(): Promise<string[]> {
  const found: string[] = [];
  for (const directory of (await readdir(join(ROOT, 'packages'))).toSorted()) {
    const path = join(ROOT, 'packages', directory);
    const text = await readFile(join(path, 'package.json'), 'utf8');
    const { exports = {} } = JSON.parse(text) as Manifest;
    found.push(...Object.values(exports).map((entry) => join(path, entry.import.types)));
  }
  return found;
}
