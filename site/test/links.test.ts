import { expect, test } from '@jest/globals';
import { resolveLink } from '../src/links.js';

const ADDRESS = 'https://example.org/owner/name';

test.each([
  ['docs/guide.md', 'api.md', '/api.md'],
  ['docs/recipes/bullmq.md', '../architecture.md#glossary', '/architecture.md#glossary'],
  ['docs/api.md', '../README.md#supported-clients', '/overview.md#supported-clients'],
  ['docs/guide.md', 'recipes/serverless.md', '/recipes/serverless.md'],
  ['site/reference/redlock-core.md', 'redlock-core/memory.md', '/reference/redlock-core/memory.md'],
])('in %s, a link to the document %s leads to its page', (source, link, page) => {
  expect(resolveLink(source, link, null)).toBe(page);
});

test('a link to a directory with a README leads to the page of that', () => {
  expect(resolveLink('README.md', 'packages/redlock-nestjs', null)).toBe(
    '/packages/redlock-nestjs.md',
  );
});

test('a link to a file that is offered for download leads to it', () => {
  expect(resolveLink('docs/observability.md', 'grafana-dashboard.json', null)).toBe(
    '/grafana-dashboard.json',
  );
});

test('links to other hosts, within a page and within the site stay as they are', () => {
  expect(resolveLink('site/index.md', '/reference/', null)).toBe('/reference/');
  expect(resolveLink('README.md', 'https://nestjs.com', null)).toBe('https://nestjs.com');
  expect(resolveLink('README.md', '#performance', null)).toBe('#performance');
});

test('a link to code leads nowhere while the repository has no public address', () => {
  expect(resolveLink('docs/guide.md', '../test/system', null)).toBeNull();
});

test('a link to code leads to the public repository', () => {
  expect(resolveLink('docs/guide.md', '../test/system', ADDRESS)).toBe(
    `${ADDRESS}/tree/main/test/system`,
  );
  expect(resolveLink('docs/guide.md', '../jest.config.js', ADDRESS)).toBe(
    `${ADDRESS}/blob/main/jest.config.js`,
  );
});
