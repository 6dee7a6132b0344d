import type { Language } from '../../domain/localized.ts';
import { PROBLEM_CODES } from '../contract/problem.ts';
import { ROUTE_TAGS, type Route } from '../contract/route.ts';
import { ROUTES } from '../contract/routes.ts';
import { HTTP_STATUS } from '../errors.ts';
import { PROBLEM_TEXTS } from '../problem-texts.ts';
import { type openApiDocument, operationId } from './openapi.ts';

type Document = ReturnType<typeof openApiDocument>;
/** What is read of a JSON schema; the rest is shown by the document itself. */
interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: JsonSchema | boolean;
  readonly prefixItems?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly description?: string;
  readonly default?: unknown;
  readonly format?: string;
}

const WORDS = {
  vi: {
    title: 'Hải Đăng: tài liệu API',
    other: 'English',
    machine: 'Tài liệu OpenAPI 3.1',
    access: 'Quyền',
    parameters: 'Tham số',
    body: 'Nội dung gửi',
    answer: 'Câu trả lời',
    problems: 'Mã lỗi',
    schemas: 'Kiểu dữ liệu',
    required: 'bắt buộc',
    none: 'không có nội dung',
    access_anyone: 'mọi người',
    access_shared: 'mọi người, trong phạm vi được chia sẻ công khai',
    access_signed_in: 'đã đăng nhập',
    access_display: 'màn hình lớn',
    ifMatch: 'cần If-Match',
    tags: {
      session: 'Phiên đăng nhập',
      map: 'Bản đồ và danh mục',
      assets: 'Cơ quan, vị trí, điểm đo',
      devices: 'Thiết bị',
      provisioning: 'Tự đăng ký và chứng thư',
      firmware: 'Phần mềm thiết bị',
      readings: 'Số đo',
      alarms: 'Cảnh báo',
      shifts: 'Ca trực',
      displays: 'Màn hình lớn',
      rules: 'Quy tắc',
      warnings: 'Cảnh báo chính thức',
      notifications: 'Thông báo',
      quarantine: 'Dữ liệu bị giữ lại',
      people: 'Người dùng, khóa, chia sẻ',
      operations: 'Vận hành hệ thống',
    },
  },
  en: {
    title: 'Hải Đăng: API documentation',
    other: 'Tiếng Việt',
    machine: 'OpenAPI 3.1 document',
    access: 'Permission',
    parameters: 'Parameters',
    body: 'Request body',
    answer: 'Answer',
    problems: 'Problem codes',
    schemas: 'Types',
    required: 'required',
    none: 'no content',
    access_anyone: 'everyone',
    access_shared: 'everyone, within what is shared with the public',
    access_signed_in: 'signed in',
    access_display: 'a wall screen',
    ifMatch: 'needs If-Match',
    tags: {
      session: 'Session',
      map: 'Map and catalogue',
      assets: 'Agencies, sites, points',
      devices: 'Devices',
      provisioning: 'Self-registration and certificates',
      firmware: 'Firmware of devices',
      readings: 'Readings',
      alarms: 'Alarms',
      shifts: 'Shifts',
      displays: 'Wall screens',
      rules: 'Rules',
      warnings: 'Official warnings',
      notifications: 'Telling people',
      quarantine: 'Quarantine',
      people: 'People, keys, sharing',
      operations: 'Operations',
    },
  },
} as const satisfies Record<Language, unknown>;

export const DOCS_STYLESHEET = `
:root { color-scheme: light dark; --surface: #ffffff; --raised: #f6f8fa; --text: #14202a; --quiet: #51626f; --line: #d5dde3; --accent: #1f7a9c; }
@media (prefers-color-scheme: dark) { :root { --surface: #0f1418; --raised: #161d23; --text: #e6edf3; --quiet: #9fb0bd; --line: #2a343d; --accent: #4fb3d9; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--surface); color: var(--text); font: 14px/1.5 "Inter Variable", system-ui, sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 24px 16px 80px; }
h1 { font-size: 28px; margin: 0 0 8px; } h2 { font-size: 20px; margin: 40px 0 8px; } h3 { font-size: 14px; margin: 16px 0 4px; }
a { color: var(--accent); } :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
code, .method { font-family: ui-monospace, "Cascadia Mono", monospace; font-size: 13px; }
details { border: 1px solid var(--line); border-radius: 6px; margin: 6px 0; background: var(--raised); }
summary { cursor: pointer; padding: 8px 12px; display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: baseline; min-height: 44px; }
details > div { padding: 0 12px 12px; }
.method { font-weight: 700; min-width: 56px; } .quiet { color: var(--quiet); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 4px 12px 4px 0; border-top: 1px solid var(--line); } th { color: var(--quiet); font-weight: 600; }
`;

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** A schema in a few words of HTML; named ones link to their table. */
function typeOf(schema: JsonSchema | boolean | undefined): string {
  if (schema === undefined || typeof schema === 'boolean') return '<code>any</code>';
  if (schema.$ref) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
    return `<a href="#type-${escapeHtml(name)}"><code>${escapeHtml(name)}</code></a>`;
  }
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return either.map(typeOf).join(' | ');
  if (schema.allOf) return schema.allOf.map(typeOf).join(' &amp; ');
  if (schema.const !== undefined) return `<code>${escapeHtml(JSON.stringify(schema.const))}</code>`;
  if (schema.enum) return schema.enum.map((value) => `<code>${escapeHtml(JSON.stringify(value))}</code>`).join(' | ');
  if (schema.prefixItems) return `[${schema.prefixItems.map(typeOf).join(', ')}]`;
  if (schema.type === 'array') return `${typeOf(schema.items)}[]`;
  if (schema.properties) {
    const parts = Object.entries(schema.properties).map(
      ([name, one]) => `<code>${escapeHtml(name)}</code>${schema.required?.includes(name) ? '' : '?'}: ${typeOf(one)}`,
    );
    return `{ ${parts.join(', ')} }`;
  }
  if (schema.type === 'object') return `{ [<code>string</code>]: ${typeOf(schema.additionalProperties)} }`;
  return `<code>${escapeHtml([schema.type ?? 'any'].flat().join(' | '))}</code>`;
}

const row = (cells: readonly string[]): string => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
const table = (rows: readonly string[]): string => `<div class="scroll"><table>${rows.join('')}</table></div>`;

function propertyRows(schema: JsonSchema, required: string): string[] {
  return Object.entries(schema.properties ?? {}).map(([name, one]) =>
    row([
      `<code>${escapeHtml(name)}</code>`,
      typeOf(one),
      `${schema.required?.includes(name) ? required : ''} ${escapeHtml(one.description ?? '')}`,
    ]),
  );
}

/** The whole documentation as one page without scripts: it works offline, under the strictest policy, and prints. */
export function docsPage(document: Document, language: Language): string {
  const words = WORDS[language];
  const other: Language = language === 'vi' ? 'en' : 'vi';

  const operation = (key: string, route: Route): string => {
    const [method, path] = key.split(' ') as [string, string];
    const described = ((document.paths?.[path] ?? {}) as Record<string, unknown>)[method.toLowerCase()] as {
      readonly parameters?: readonly {
        name: string;
        in: string;
        required?: boolean;
        schema: JsonSchema;
        description?: string;
      }[];
      readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
      readonly responses: Readonly<
        Record<string, { readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>> }>
      >;
    };
    const access =
      route.access === 'anyone' ||
      route.access === 'shared' ||
      route.access === 'signed_in' ||
      route.access === 'display'
        ? words[`access_${route.access}`]
        : `<code>${escapeHtml(route.access)}</code>`;
    const parameters = (described.parameters ?? []).map((one) =>
      row([
        `<code>${escapeHtml(one.name)}</code>`,
        escapeHtml(one.in),
        typeOf(one.schema),
        `${one.required ? words.required : ''} ${escapeHtml(one.description ?? one.schema.description ?? '')}`,
      ]),
    );
    const body = described.requestBody?.content['application/json']?.schema;
    const answer = Object.values(described.responses[String(route.status)]?.content ?? {})[0]?.schema;
    return `<details id="${operationId(key)}"><summary><span class="method">${method}</span> <code>${escapeHtml(path)}</code> <span class="quiet">${escapeHtml(route.summary[language])}</span></summary><div>
<p>${words.access}: ${access}${route.ifMatch ? `; ${words.ifMatch}` : ''}</p>
${parameters.length > 0 ? `<h3>${words.parameters}</h3>${table(parameters)}` : ''}
${body ? `<h3>${words.body}</h3>${body.properties ? table(propertyRows(body, words.required)) : `<p>${typeOf(body)}</p>`}` : ''}
<h3>${words.answer}: ${route.status}</h3><p>${answer ? typeOf(answer) : words.none}</p></div></details>`;
  };

  const sections = ROUTE_TAGS.map((tag) => {
    const routes = Object.entries(ROUTES).filter(([, route]) => route.tag === tag);
    return `<h2 id="${tag}">${words.tags[tag]}</h2>${routes.map(([key, route]) => operation(key, route)).join('\n')}`;
  });
  const problems = PROBLEM_CODES.map((code) => {
    const { title, detail } = PROBLEM_TEXTS[code];
    return `<tr id="${code}">${[
      `<code>${code}</code>`,
      String(HTTP_STATUS[code]),
      escapeHtml(title[language]),
      escapeHtml(detail[language]),
    ]
      .map((cell) => `<td>${cell}</td>`)
      .join('')}</tr>`;
  });
  const types = Object.entries((document.components?.schemas ?? {}) as Record<string, JsonSchema>).map(
    ([name, schema]) =>
      `<details id="type-${escapeHtml(name)}"><summary><code>${escapeHtml(name)}</code> <span class="quiet">${escapeHtml(schema.description ?? '')}</span></summary><div>${
        schema.properties ? table(propertyRows(schema, words.required)) : `<p>${typeOf(schema)}</p>`
      }</div></details>`,
  );
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${words.title}</title><link rel="stylesheet" href="/api/docs.css"></head><body><main>
<h1>${words.title}</h1><p>${escapeHtml(document.info.description ?? '')}</p>
<p><a href="/api/v1/openapi.json">${words.machine}</a> · <a href="?lang=${other}" hreflang="${other}" lang="${other}">${words.other}</a></p>
<nav><p>${ROUTE_TAGS.map((tag) => `<a href="#${tag}">${words.tags[tag]}</a>`).join(' · ')} · <a href="#problems">${words.problems}</a> · <a href="#types">${words.schemas}</a></p></nav>
${sections.join('\n')}
<h2 id="problems">${words.problems}</h2>${table(problems)}
<h2 id="types">${words.schemas}</h2>${types.join('\n')}
</main></body></html>`;
}
