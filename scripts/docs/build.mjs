// Builds the documentation as a site in dist/docs: a page for each Markdown file, its Markdown beside
// it, a search that needs no server, and llms.txt. All links are relative, so that the site works below
// any path, and from a folder.
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { menuOf, renderMenu } from './menu.mjs';
import { createRenderer, sectionsOf, summaryOf } from './render.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const OUTPUT = join(ROOT, 'dist/docs');
const ASSETS = join(ROOT, 'scripts/docs/assets');

/** The site's name for each Markdown file that is a page, by its path in the repository. */
const pages = new Map([
  ['README.md', 'index'],
  ...['CHANGELOG', 'CODE_OF_CONDUCT', 'CONTRIBUTING', 'SECURITY'].map((name) => [
    `${name}.md`,
    name.toLowerCase().replaceAll('_', '-'),
  ]),
  ['bench/RESULTS.md', 'results-of-benchmarks'],
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => [`docs/${name}`, name.slice(0, -'.md'.length)]),
]);

/**
 * A link of a page as the site has it: to another page, or to a copy of a file of the repository.
 *
 * @param extension - of the site's pages
 */
function siteLink(page, link, extension) {
  if (/^([a-z]+:|#)/.test(link)) return link;
  const [path, anchor] = link.split('#');
  const source = normalize(join(dirname(page), path));
  const name = pages.get(source);
  if (name !== undefined) return `${name}.${extension}${anchor === undefined ? '' : `#${anchor}`}`;
  if (!statSync(join(ROOT, source)).isFile()) throw new Error(`${page} links to a folder: ${link}`);
  cpSync(join(ROOT, source), join(OUTPUT, 'files', source));
  return `files/${source}`;
}

/** The Markdown of a page, whose links lead to the Markdown of the others. */
function markdownOf(page, text) {
  // Code is left as it is: what looks like a link there is none.
  return text
    .split(/(^[ >]*```[^]*?^[ >]*```$|`[^`\n]+`)/m)
    .map((part, at) =>
      at % 2 === 1
        ? part
        : part.replace(/\]\(([^)\s]+)\)/g, (_, link) => `](${siteLink(page, link, 'md')})`),
    )
    .join('');
}

const template = readFileSync(join(ASSETS, 'page.html'), 'utf8');
const menu = menuOf(readFileSync(join(ROOT, 'README.md'), 'utf8'), (link) =>
  siteLink('README.md', link, 'html'),
);

rmSync(OUTPUT, { recursive: true, force: true });
mkdirSync(OUTPUT, { recursive: true });
const sections = [];
const texts = [];
for (const [page, name] of pages) {
  const source = readFileSync(join(ROOT, page), 'utf8');
  const renderer = createRenderer((link) => siteLink(page, link, 'html'));
  const found = sectionsOf(renderer, source, `${name}.html`);
  const [{ title }] = found;
  const html = Object.entries({
    title,
    content: renderer.render(source),
    menu: renderMenu(menu, `${name}.html`),
    markdown: `${name}.md`,
  }).reduce((whole, [key, value]) => whole.replaceAll(`{{${key}}}`, () => value), template);
  writeFileSync(join(OUTPUT, `${name}.html`), html);
  const markdown = markdownOf(page, source);
  writeFileSync(join(OUTPUT, `${name}.md`), markdown);
  sections.push(...found.map((section) => ({ ...section, page: title })));
  texts.push({ name, title, markdown, summary: summaryOf(renderer, source) });
}

writeFileSync(
  join(OUTPUT, 'search-index.js'),
  `globalThis.searchSections = ${JSON.stringify(sections.map((section, id) => ({ id, ...section })))};\n`,
);
const require = createRequire(import.meta.url);
cpSync(
  join(dirname(require.resolve('minisearch')), '../umd/index.js'),
  join(OUTPUT, 'minisearch.js'),
);
for (const asset of ['site.css', 'site.js']) cpSync(join(ASSETS, asset), join(OUTPUT, asset));
const [first] = texts;
writeFileSync(
  join(OUTPUT, 'llms.txt'),
  `# ${first.title}\n\n> ${first.summary}\n\n## Pages\n\n` +
    texts.map(({ name, title, summary }) => `- [${title}](${name}.md): ${summary}\n`).join(''),
);
writeFileSync(join(OUTPUT, 'llms-full.txt'), texts.map(({ markdown }) => markdown).join('\n\n'));
process.stdout.write(`${pages.size} pages in dist/docs: open dist/docs/index.html\n`);
