import { basename } from 'node:path';

const DERIVED = ['homepage', 'bugs', 'repository', 'author', 'license', 'engines', 'publishConfig'];

/**
 * A manifest with what follows from the root's and from the other packages. All of it is committed: npm packs
 * a manifest as it stands, and knows nothing of workspaces.
 */
export function completeManifest({ directory, manifest }, root, packages) {
  const { name, version, description, keywords, dependencies, peerDependencies, ...rest } =
    manifest;
  for (const field of DERIVED) delete rest[field];
  const { author, license, engines, repository } = root;
  return {
    name,
    version,
    description,
    keywords,
    ...(repository && addressesOf(repository, `packages/${basename(directory)}`)),
    author,
    license,
    engines,
    ...rest,
    ...(dependencies && { dependencies: rangesOf(dependencies, packages) }),
    ...(peerDependencies && { peerDependencies: rangesOf(peerDependencies, packages) }),
    publishConfig: { access: 'public', provenance: true },
  };
}

/** Packages of one version go together, and with later ones. */
function rangesOf(dependencies, packages) {
  const versions = new Map(packages.map(({ manifest }) => [manifest.name, manifest.version]));
  const ranges = Object.entries(dependencies).map(([name, range]) => [
    name,
    versions.has(name) ? `^${versions.get(name)}` : range,
  ]);
  return Object.fromEntries(ranges);
}

/** @param {string} address of the repository, as `https://host/owner/name` */
function addressesOf(address, directory) {
  return {
    homepage: `${address}/tree/main/${directory}#readme`,
    bugs: `${address}/issues`,
    repository: { type: 'git', url: `git+${address}.git`, directory },
  };
}

/** As prettier writes it. */
export function textOf(manifest) {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
