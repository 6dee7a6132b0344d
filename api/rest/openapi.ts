import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathItemObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import type { Language } from '../../domain/localized.ts';
import { problem } from '../contract/problem.ts';
import { ROUTE_TAGS, type Route, type RouteAccess } from '../contract/route.ts';
import { ROUTES } from '../contract/routes.ts';

const WORDS = {
  vi: {
    title: 'Hải Đăng: giao diện lập trình',
    description:
      'Nền tảng cảm biến đô thị. Thời điểm là mili giây kể từ 1970-01-01T00:00:00Z; tọa độ WGS 84; đơn vị UCUM. ' +
      'Danh sách phân trang bằng con trỏ (`limit`, `after`); sửa đổi kèm phiên bản (`ETag`, `If-Match`); yêu cầu thay đổi dữ liệu nhận `Idempotency-Key`; ' +
      'lỗi là `application/problem+json` với `code` ổn định. Dữ liệu trực tiếp: socket.io, không gian tên `/live`.',
    access: 'Quyền cần có',
    problem: 'Lỗi: xem `code`',
  },
  en: {
    title: 'Hải Đăng: programming interface',
    description:
      'A city’s sensor platform. Instants are milliseconds since 1970-01-01T00:00:00Z; locations WGS 84; units UCUM. ' +
      'Lists page by cursor (`limit`, `after`); edits carry a version (`ETag`, `If-Match`); unsafe requests accept `Idempotency-Key`; ' +
      'errors are `application/problem+json` with a stable `code`. Live data: socket.io, namespace `/live`.',
    access: 'Permission',
    problem: 'Problem: see `code`',
  },
} as const;

const HEADERS = {
  ifMatch: z.string().meta({ description: 'Version the change was based on, e.g. "3"' }),
  idempotencyKey: z.string().max(128).exactOptional().meta({ description: 'Sent again with the same key, done once' }),
  csrf: z.string().exactOptional().meta({ description: 'csrfToken of GET /session; needed with the session cookie' }),
};

/** No security at all, optional, or one of the two. */
function securityOf(access: RouteAccess): Record<string, string[]>[] {
  if (access === 'anyone') return [];
  if (access === 'display') return [{ display: [] }];
  const signedIn = [{ session: [] }, { apiKey: [] }];
  return access === 'shared' ? [{}, ...signedIn] : signedIn;
}

/** `GET /points/{pointId}` → `getPointsByPointId`. */
export const operationId = (key: string): string => {
  const [method, path] = key.split(' ') as [string, string];
  const words = path
    .split(/[/-]/)
    .filter(Boolean)
    .map((word) => (word.startsWith('{') ? `by-${word.slice(1, -1)}` : word));
  return (
    method.toLowerCase() + words.map((word) => word.replace(/(?:^|-)(\w)/g, (_, c: string) => c.toUpperCase())).join('')
  );
};

function operationOf(key: string, route: Route, language: Language): ZodOpenApiOperationObject {
  const words = WORDS[language];
  const isRead = key.startsWith('GET ');
  const header = z.object({
    ...(route.ifMatch ? { 'If-Match': HEADERS.ifMatch } : {}),
    ...(isRead || route.access === 'anyone'
      ? {}
      : { 'Idempotency-Key': HEADERS.idempotencyKey, 'X-CSRF-Token': HEADERS.csrf }),
  });
  const responses: ZodOpenApiResponsesObject = {
    [String(route.status) as '200']: {
      description: route.summary[language],
      ...(route.etag
        ? { headers: z.object({ ETag: z.string().meta({ description: 'Version of what is answered' }) }) }
        : {}),
      ...(route.answer ? { content: { 'application/json': { schema: route.answer } } } : {}),
      ...(route.bytes
        ? { content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } }
        : {}),
    },
    default: { description: words.problem, content: { 'application/problem+json': { schema: problem } } },
  };
  return {
    operationId: operationId(key),
    tags: [route.tag],
    summary: route.summary[language],
    description: `${words.access}: \`${route.access}\``,
    security: securityOf(route.access),
    requestParams: {
      ...(route.params ? { path: route.params } : {}),
      ...(route.query ? { query: route.query } : {}),
      ...(Object.keys(header.shape).length > 0 ? { header } : {}),
    },
    ...(route.upload
      ? {
          requestBody: {
            required: true,
            content: Object.fromEntries(
              route.upload.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
            ),
          },
        }
      : {}),
    ...(route.body ? { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } } : {}),
    responses,
  };
}

/** The OpenAPI 3.1 document of everything under `/api/v1`, from the schemas that parse. */
export function openApiDocument(version: string, language: Language): ReturnType<typeof createDocument> {
  const words = WORDS[language];
  const paths: Record<string, ZodOpenApiPathItemObject> = {};
  for (const [key, route] of Object.entries(ROUTES)) {
    const [method, path] = key.split(' ') as [string, string];
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(key, route, language) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: words.title,
      description: words.description,
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api/v1' }],
    tags: ROUTE_TAGS.map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'hd_session', description: '`__Host-hd_session` over TLS' },
        apiKey: { type: 'http', scheme: 'bearer' },
        display: {
          type: 'apiKey',
          in: 'cookie',
          name: 'hd_display',
          description: 'Of a wall screen; `__Host-hd_display` over TLS, with the header `X-Display`',
        },
      },
    },
  });
}
