import { describeLoad } from './weight.js';

const WIDTH = 14;

/** What users would see of a package that is packed and weighed, line by line. */
export function describePackage({ manifest, paths, size, unpackedSize, weight }) {
  const { description, keywords, author, license, repository, homepage, bugs } = manifest;
  const { access, provenance } = manifest.publishConfig ?? {};
  const fields = {
    description,
    keywords: keywords?.join(', '),
    author,
    license,
    repository: repository && `${repository.url}, ${repository.directory}`,
    homepage,
    bugs,
    access: access && `${access}, ${provenance ? 'with' : 'without'} provenance`,
    engines: Object.entries(manifest.engines ?? {})
      .flat()
      .join(' '),
    entries: Object.keys({ ...manifest.exports, ...manifest.bin }).join(', '),
    dependencies: rangesOf(manifest.dependencies),
    peers: rangesOf(manifest.peerDependencies),
    files: filesOf(paths),
    size: `${kilobytes(size)} packed, ${kilobytes(unpackedSize)} unpacked`,
    imports: weight.entries.map(describeLoad).join(`\n${' '.repeat(WIDTH + 2)}`),
  };
  const lines = Object.entries(fields).map(
    ([field, value]) => `  ${field.padEnd(WIDTH)}${value || 'MISSING'}`,
  );
  return [`${manifest.name} ${manifest.version}`, ...lines].join('\n');
}

function rangesOf(dependencies = {}) {
  const ranges = Object.entries(dependencies).map(([name, range]) => `${name} ${range}`);
  return ranges.join(', ') || 'none';
}

/** Those at the top by name, and how many there are in each directory. */
function filesOf(paths) {
  const counts = new Map();
  for (const path of paths) {
    const [top, ...below] = path.split('/');
    counts.set(top, (counts.get(top) ?? 0) + (below.length > 0 ? 1 : 0));
  }
  if (!counts.has('CHANGELOG.md')) counts.set('CHANGELOG.md is MISSING', 0);
  return [...counts].map(([name, count]) => (count > 0 ? `${name} (${count})` : name)).join(', ');
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
