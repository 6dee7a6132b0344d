import type { Localized } from '../../domain/localized.ts';

/** Something whoever sets up a webhook fills in. */
export interface TemplateField {
  readonly key: string;
  /** Never shown again once it was given. */
  readonly secret: boolean;
  readonly label: Localized;
  readonly example: string;
}

/** A JSON value whose texts may hold `{{placeholders}}`. */
export type JsonTemplate =
  | string
  | number
  | boolean
  | null
  | readonly JsonTemplate[]
  | { readonly [key: string]: JsonTemplate };

/**
 * How a webhook's request looks. Placeholders are the fields' keys and `title`, `text`, `severity`, `link`, `id` (of the message) and `thread`
 * (of the storm). They are filled inside JSON texts and, escaped, inside the path of the address: a value can never change the request's shape.
 */
export interface WebhookTemplate {
  readonly key: string;
  readonly name: Localized;
  readonly help: Localized;
  /** `{{url}}` alone: whoever sets it up gives the whole address. */
  readonly url: string;
  readonly fields: readonly TemplateField[];
  readonly headers: Readonly<Record<string, string>>;
  /** `null`: our own document, with every fact of every alarm. */
  readonly body: JsonTemplate | null;
  /** Signed by the Standard Webhooks way, for receivers that can check it. */
  readonly signed: boolean;
  /** Characters of `text`; what is longer is cut off, and says so. */
  readonly textLimit: number;
  /** For services that answer 200 to everything: a member of the answer, and what it is when the message was taken. */
  readonly acceptedWhen: { readonly member: string; readonly is: string | number | boolean } | null;
}

type Values = Readonly<Record<string, string>>;
const PLACEHOLDER = /\{\{(\w+)\}\}/g;
const fillText = (text: string, values: Values, written: (value: string) => string): string =>
  text.replaceAll(PLACEHOLDER, (_, key: string) => written(values[key] ?? ''));

/** The body with its placeholders filled. */
export function fillJson(template: JsonTemplate, values: Values): unknown {
  if (typeof template === 'string') return fillText(template, values, (value) => value);
  if (Array.isArray(template)) return template.map((part: JsonTemplate) => fillJson(part, values));
  if (template !== null && typeof template === 'object')
    return Object.fromEntries(Object.entries(template).map(([key, part]) => [key, fillJson(part, values)]));
  return template;
}

/** The address with its placeholders filled. */
export const fillUrl = ({ url }: WebhookTemplate, values: Values): string =>
  url === '{{url}}' ? (values['url'] ?? '') : fillText(url, values, encodeURIComponent);

export const fillHeaders = ({ headers }: WebhookTemplate, values: Values): Record<string, string> =>
  Object.fromEntries(
    // A line break in a value would be a header of its own.
    Object.entries(headers).map(([name, text]) => [
      name,
      fillText(text, values, (value) => value.replaceAll(/[^\x20-\x7e]/g, '')),
    ]),
  );

/** `text` within `limit` characters. */
export function cutText(text: string, limit: number): string {
  const characters = [...text];
  return characters.length <= limit ? text : `${characters.slice(0, limit - 2).join('')} …`;
}
