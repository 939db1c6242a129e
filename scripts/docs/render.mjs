import MarkdownIt from 'markdown-it';
import anchor from 'markdown-it-anchor';

/** The anchor of a heading, as GitHub makes it: one link works there and on the site. */
function slugify(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/**
 * A renderer of one page.
 *
 * @param linkOf - gives the site's link for a link of the page
 */
export function createRenderer(linkOf) {
  // Only this repository's own pages are rendered, and some have anchors in HTML.
  const renderer = new MarkdownIt({ html: true }).use(anchor, {
    slugify,
    permalink: anchor.permalink.headerLink(),
  });
  renderer.core.ruler.push('site-links', ({ tokens }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const name = { link_open: 'href', image: 'src' }[token.type];
      if (name !== undefined) token.attrSet(name, linkOf(token.attrGet(name)));
    }
  });
  renderer.renderer.rules.table_open = () => '<div class="table"><table>\n';
  renderer.renderer.rules.table_close = () => '</table></div>\n';
  return renderer;
}

/** The sections of a page, with their text, for the search. */
export function sectionsOf(renderer, markdown, file) {
  const sections = [];
  const tokens = renderer.parse(markdown, {});
  for (const [at, token] of tokens.entries()) {
    if (token.type === 'heading_open') {
      const title = textOf(tokens[at + 1]);
      const hash = sections.length === 0 ? '' : `#${token.attrGet('id')}`;
      sections.push({ title, url: `${file}${hash}`, text: '' });
    } else if (tokens[at - 1]?.type !== 'heading_open') {
      const section = sections.at(-1);
      const text = token.type === 'fence' ? token.content : textOf(token);
      if (section !== undefined && text !== '') section.text += `${text} `;
    }
  }
  return sections;
}

/** The first sentence of a page. */
export function summaryOf(renderer, markdown) {
  const tokens = renderer.parse(markdown, {});
  const at = tokens.findIndex(({ type, level }) => type === 'paragraph_open' && level === 0);
  return textOf(tokens[at + 1]).split(/(?<=[.:])\s/)[0];
}

function textOf({ children }) {
  return (children ?? [])
    .map(({ type, content }) =>
      type === 'softbreak' ? ' ' : type === 'html_inline' ? '' : content,
    )
    .join('');
}
