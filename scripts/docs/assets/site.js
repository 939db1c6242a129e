// The search: the index is loaded as a script, since a page that is opened from a folder can fetch nothing.
const sections = globalThis.searchSections;
const search = new globalThis.MiniSearch({
  fields: ['title', 'page', 'text'],
  storeFields: ['title', 'page', 'url'],
  tokenize: (text) => text.split(/[^\p{L}\p{N}_]+/u).filter((word) => word !== ''),
  searchOptions: { boost: { title: 3, page: 2 }, prefix: true, fuzzy: 0.2, combineWith: 'AND' },
});
search.addAll(sections);

const query = document.querySelector('#query');
const found = document.querySelector('#found');

query.addEventListener('input', () => {
  const results = search.search(query.value).slice(0, 10);
  found.replaceChildren(
    ...results.map(({ title, page, url }) => {
      const link = document.createElement('a');
      link.href = url;
      link.textContent = title === page ? title : `${page}: ${title}`;
      const item = document.createElement('li');
      item.append(link);
      return item;
    }),
  );
  if (query.value !== '' && results.length === 0) found.append('Nothing found');
  found.hidden = query.value === '';
});
query.addEventListener('keydown', ({ key }) => {
  if (key === 'Enter') found.querySelector('a')?.click();
  if (key !== 'Escape') return;
  query.value = '';
  found.hidden = true;
});
// A result on the same page changes the hash only.
addEventListener('hashchange', () => {
  found.hidden = true;
});
