import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'graphql';

const ROOT = join(__dirname, '../..');

/** The folders of examples: parts of programs, and whole projects. */
const FOLDERS = [
  join(ROOT, 'docs/examples'),
  ...readdirSync(join(ROOT, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(ROOT, 'examples', name, 'src')),
];

const examples = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `\n${readFileSync(join(folder, name), 'utf8')}`),
);

const pages = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The code of a page, by its language. */
function fences(page: string): { language: string; code: string }[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const found = text.matchAll(/^([ >]*)```(\w*)[^\n]*\n(.*?)^\1```$/gms);
  return [...found].map(([, margin = '', language = '', code = '']) => ({
    language,
    code: code.replace(new RegExp(`^${margin}`, 'gm'), ''),
  }));
}

/** Whether whole lines of an example say this, wherever it is nested there. */
function isShown(code: string): boolean {
  return ['', '  ', '    ', '      ', '        '].some((indent) => {
    const lines = code.replace(/^(?=.)/gm, indent);
    return examples.some((example) => example.includes(`\n${lines}`));
  });
}

describe.each(pages)('the page %s', (page) => {
  it('shows programs that are parts of files in docs/examples and examples', () => {
    const programs = fences(page).filter(({ language }) => /^(ts|tsx)$/.test(language));
    expect(programs.map(({ code }) => code).filter((code) => !isShown(code))).toEqual([]);
  });

  it('calls its programs ts or tsx, so that they are looked for', () => {
    const others = fences(page).filter(({ language }) =>
      /^(js|jsx|mjs|mts|javascript|typescript)$/.test(language),
    );
    expect(others).toEqual([]);
  });

  it('shows GraphQL that can be parsed', () => {
    const documents = fences(page).filter(({ language }) => language === 'graphql');
    for (const { code } of documents) expect(() => parse(code)).not.toThrow();
  });
});

it('notices a program that is no part of an example', () => {
  expect(isShown('const nobody = "wrote this";\n')).toBe(false);
  expect(isShown("import { Redis } from 'ioredis';\n")).toBe(true);
});
