import { relative } from 'node:path';

/**
 * The ES modules with which users begin: each export, and each program.
 * @returns {{ name: string, file: string }[]} as users write it, and where it is in the package
 */
export function entriesOf({ name, exports, bin = {} }) {
  const modules = Object.entries(exports).map(([path, { import: module }]) => ({
    name: `${name}${path.slice(1)}`,
    file: module.default,
  }));
  const programs = Object.entries(bin).map(([program, file]) => ({ name: program, file }));
  return [...modules, ...programs].map((entry) => ({ ...entry, file: relative('.', entry.file) }));
}
