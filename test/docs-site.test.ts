import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';

const ROOT = join(__dirname, '..');
const SITE = join(ROOT, 'dist/docs');

const read = (file: string): string => readFileSync(join(SITE, file), 'utf8');

/** The pages of the site, without what their names end with. */
const expected = [
  'index',
  'changelog',
  'code-of-conduct',
  'contributing',
  'security',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.replace(/\.md$/, '')),
];

interface Section {
  readonly id: number;
  readonly url: string;
}

interface SearchPage {
  readonly searchSections: readonly Section[];
  readonly MiniSearch: new (options: object) => {
    addAll: (sections: readonly Section[]) => void;
    search: (query: string, options: object) => readonly Section[];
  };
}

/** The globals that a page's scripts see, before the last of them. */
function searchPage(): SearchPage {
  const page = createContext({});
  for (const script of ['minisearch.js', 'search-index.js']) runInContext(read(script), page);
  return page as unknown as SearchPage;
}

describe('the documentation as a site', () => {
  beforeAll(() => {
    execFileSync(process.execPath, [join(ROOT, 'scripts/docs/build.mjs')]);
  });

  it('has a page for each Markdown file, and its Markdown beside it', () => {
    const files = new Set(readdirSync(SITE));
    const missing = expected.flatMap((name) =>
      [`${name}.html`, `${name}.md`].filter((file) => !files.has(file)),
    );
    expect(missing).toEqual([]);
  });

  it('links to files and anchors that exist, each relative to the page', () => {
    const pages = readdirSync(SITE).filter((name) => name.endsWith('.html'));
    const anchors = new Map(
      pages.map((page) => [
        page,
        new Set([...read(page).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)),
      ]),
    );
    const broken = pages.flatMap((page) => {
      const links = [...read(page).matchAll(/ (?:href|src)="([^"]+)"/g)].map(
        ([, link = '']) => link,
      );
      expect(links.length).toBeGreaterThan(30);
      return links
        .filter((link) => !/^(https?|mailto):/.test(link))
        .filter((link) => {
          const [file = '', anchor] = link.split('#');
          const target = file === '' ? page : file;
          if (target.startsWith('/') || !existsSync(join(SITE, target))) return true;
          return anchor !== undefined && anchors.get(target)?.has(anchor) !== true;
        })
        .map((link) => `${page}: ${link}`);
    });
    expect(broken).toEqual([]);
  });

  it('has Markdown whose links lead to Markdown', () => {
    const broken = expected.flatMap((name) =>
      [
        ...read(`${name}.md`)
          .replace(/^([ >]*)```[^]*?^\1```$/gm, '')
          .matchAll(/\]\(([^)\s]+)\)/g),
      ]
        .map(([, link = '']) => link.replace(/#.*/, ''))
        .filter((link) => link !== '' && !/^[a-z]+:/.test(link))
        .filter((link) => !existsSync(join(SITE, link)) || link.endsWith('.html')),
    );
    expect(broken).toEqual([]);
  });

  it('finds a section by words in it, and each page at all', () => {
    const { searchSections, MiniSearch } = searchPage();
    const search = new MiniSearch({ fields: ['title', 'text'], storeFields: ['url'] });
    search.addAll(searchSections);
    const urls = search.search('"charge" interrupted settle rerun', { combineWith: 'AND' });
    expect(urls.map(({ url }) => url)).toContain('errors.html#idempotency_outcome_unknown');
    const found = new Set(searchSections.map(({ url }) => url.replace(/\.html.*/, '')));
    expect(expected.filter((name) => !found.has(name))).toEqual([]);
  });

  it('lists every page for language models, and gives them all of it', () => {
    const index = read('llms.txt');
    const full = read('llms-full.txt');
    expect(expected.filter((name) => !index.includes(`](${name}.md): `))).toEqual([]);
    expect(expected.filter((name) => !full.includes(read(`${name}.md`)))).toEqual([]);
  });
});
