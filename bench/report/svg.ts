/** Attributes of an element. */
export type Attributes = Readonly<Record<string, string | number>>;

/** An element; what it holds is markup. */
export function element(
  name: string,
  attributes: Attributes,
  ...content: readonly string[]
): string {
  const given = Object.entries(attributes).map(
    ([attribute, value]) => ` ${attribute}="${escaped(written(value))}"`,
  );
  const start = `<${name}${given.join('')}`;
  return content.length === 0 ? `${start}/>` : `${start}>${content.join('\n')}</${name}>`;
}

/** An element that holds words. */
export function words(name: string, attributes: Attributes, content: string): string {
  return element(name, attributes, escaped(content));
}

function written(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 100) / 100) : value;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
