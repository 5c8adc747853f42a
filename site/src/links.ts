import { statSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';
import { pageOf } from './pages.js';
import { pathInRepository, publicAddress, ROOT } from './repository.js';

/** Files beside the documents that readers download. */
const DOWNLOAD = /^docs\/(.+\.json)$/;

/**
 * Links between documents are those of the repository, so they work there, too. Here a link to a document leads to its
 * page. A link to another file leads to the public repository; as long as there is none, only its text remains.
 */
export function resolveLinks(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('repository-links', ({ tokens, env }) => {
    const { path, realPath = path } = env as { path: string; realPath?: string };
    const source = pathInRepository(realPath);
    for (const { children } of tokens) {
      if (children === null) continue;
      let unlinked = false;
      for (const token of children) {
        if (token.type === 'link_open') {
          const target = resolveLink(source, token.attrGet('href') ?? '');
          unlinked = target === null;
          if (target !== null) token.attrSet('href', target);
        }
        if (unlinked && token.type.startsWith('link_')) {
          token.type = 'text';
          token.content = '';
        }
      }
    }
  });
}

/**
 * The address of a link on the site. Null: nothing to link to.
 * @param source the document that contains the link, from the root of the repository
 */
export function resolveLink(
  source: string,
  link: string,
  address: string | null = publicAddress(),
): string | null {
  if (/^(?:#|\/|\w+:)/.test(link)) return link;
  const [path = '', hash] = link.split('#');
  const target = posix.join(posix.dirname(source), decodeURI(path)).replace(/\/$/, '');
  if (DOWNLOAD.test(target)) return target.replace(DOWNLOAD, '/$1');
  const page = pageOf(target) ?? pageOf(`${target}/README.md`);
  if (page !== null) return hash === undefined ? `/${page}` : `/${page}#${hash}`;
  if (address === null) return null;
  const view = statSync(join(ROOT, target)).isDirectory() ? 'tree' : 'blob';
  return `${address}/${view}/main/${target}`;
}
