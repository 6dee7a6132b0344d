/** An element as it will be written: its children in order, or its text. */
export interface XmlElement {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly content: string | readonly XmlElement[];
}

/** Characters that XML 1.0 has no way to write at all (§2.2), half a surrogate pair among them. */
const UNWRITABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about control characters
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text as a reader of XML will have it: one kind of line end (§2.11), the replacement character for what can't be written. */
export const writableText = (text: string): string => text.replace(/\r\n?/g, '\n').replace(UNWRITABLE, '\ufffd');

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
};
const escapedText = (text: string): string => writableText(text).replace(/[&<>]/g, (c) => ESCAPES[c] ?? c);
/** White space in an attribute would be read as a plain space if it weren't written by number (§3.3.3). */
const escapedAttribute = (text: string): string => writableText(text).replace(/[&<>"\n\t]/g, (c) => ESCAPES[c] ?? c);

/** An element with its text. */
export const textElement = (
  name: string,
  content: string,
  attributes?: Readonly<Record<string, string>>,
): XmlElement => (attributes === undefined ? { name, content } : { name, attributes, content });

function write({ name, attributes = {}, content }: XmlElement, depth: number): string {
  const margin = '  '.repeat(depth);
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapedAttribute(value)}"`)
    .join('');
  if (typeof content === 'string') {
    const text = escapedText(content);
    return text === '' ? `${margin}<${name}${written}/>` : `${margin}<${name}${written}>${text}</${name}>`;
  }
  if (content.length === 0) return `${margin}<${name}${written}/>`;
  const children = content.map((child) => write(child, depth + 1)).join('\n');
  return `${margin}<${name}${written}>\n${children}\n${margin}</${name}>`;
}

/** An element alone, for a document that holds other things too. */
export const writeElement = (element: XmlElement): string => write(element, 0);

/** A whole document in UTF-8. Names are the program's own and not checked. */
export const writeXml = (root: XmlElement): string => `<?xml version="1.0" encoding="UTF-8"?>\n${write(root, 0)}\n`;
