/**
 * The site's menu: the groups and links of the README's list of pages, which is its table of contents.
 *
 * @param linkOf - gives the site's link for a link of the README
 */
export function menuOf(readme, linkOf) {
  const [, list = ''] = readme.split('\n## Documentation\n');
  const groups = list.split(/^- \*\*/m).slice(1);
  return groups.map((group) => ({
    title: group.slice(0, group.indexOf('**')),
    links: [...group.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, title, link]) => ({
      title,
      href: linkOf(link),
    })),
  }));
}

/** The menu in HTML, where a page is the current one. */
export function renderMenu(groups, current) {
  const item = ({ title, href }) =>
    `<li><a href="${href}"${href === current ? ' aria-current="page"' : ''}>${title}</a></li>`;
  return groups
    .map(({ title, links }) => `<h2>${title}</h2>\n<ul>${links.map(item).join('')}</ul>`)
    .join('\n');
}
