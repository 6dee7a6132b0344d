import express, { type Request, type Response, type Router } from 'express';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Language } from '../../domain/localized.ts';
import type { PublishedWarnings } from '../../domain/ports/warnings.ts';
import type { DurationMs } from '../../domain/time.ts';
import type { UtcOffset } from '../../domain/time-zone.ts';
import { pay } from '../auth/rate.ts';
import { ApiError } from '../errors.ts';
import { sendText } from '../rest/answer.ts';
import { atomFeed, feedUpdatedAt } from './atom-feed.ts';
import { PUBLIC_SCRIPT, PUBLIC_STYLESHEET, type PublicPageOptions, publicPage } from './public-page.ts';
import type { PublishedList, PublishedNow } from './published-list.ts';

export interface PublicRouterOptions extends PublicPageOptions {
  readonly list: PublishedList;
  readonly published: PublishedWarnings;
  readonly utcOffset: UtcOffset;
  readonly publicOrigin: string | null;
  /** Requests of one address within the window; more are refused with TOO_MANY_REQUESTS. */
  readonly requestsPerAddress: number;
  readonly window: DurationMs;
  readonly onRefused: () => void;
}

/** Shared caches may hold page and feed for this long: a warning is at most so much late, and a crowd is one question. A reader's own asks every time. */
const FRESH = 'public, max-age=0, s-maxage=15';
/** A published message never changes. */
const UNCHANGING = 'public, max-age=86400, immutable';
const IDENTIFIER = /^[A-Za-z0-9._:-]{1,160}$/;

/** What everybody may read without signing in: `/warnings`, `/cap/v1/feed.atom` and the messages themselves. */
export function publicWarningsRouter(options: PublicRouterOptions): Router {
  const { list, published, utcOffset, publicOrigin } = options;
  const router = express.Router({ caseSensitive: true, strict: true });
  const limiter = new RateLimiterMemory({ points: options.requestsPerAddress, duration: options.window / 1000 });

  /** Drawn once for all who ask until something changes. */
  const drawn = new WeakMap<PublishedNow, Map<Language, string>>();
  const pageOf = (now: PublishedNow, language: Language): string => {
    const pages = drawn.get(now) ?? new Map<Language, string>();
    drawn.set(now, pages);
    const page = pages.get(language) ?? publicPage(now, language, options);
    pages.set(language, page);
    return page;
  };
  const admit = async (request: Request): Promise<void> => {
    try {
      await pay(limiter, request.ip ?? '');
    } catch (error) {
      options.onRefused();
      throw error;
    }
  };
  const languageOf = (request: Request, response: Response): Language => {
    const asked = request.query['lang'];
    const language =
      asked === 'vi' || asked === 'en' ? asked : request.acceptsLanguages('vi', 'en') === 'en' ? 'en' : 'vi';
    response.vary('Accept-Language');
    response.locals['language'] = language;
    return language;
  };
  /** Others' pages and programs may read what is public anyway. */
  const openTo = (response: Response, mediaType: string, caching: string): void => {
    response.setHeader('Content-Type', mediaType);
    response.setHeader('Cache-Control', caching);
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
  };

  router.get('/warnings', async (request, response) => {
    await admit(request);
    const language = languageOf(request, response);
    const now = await list.now();
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.setHeader('Cache-Control', FRESH);
    await sendText(request, response, pageOf(now, language));
  });
  router.get('/warnings.css', (_request, response) => {
    response.setHeader('Content-Type', 'text/css; charset=utf-8');
    response.setHeader('Cache-Control', 'public, no-cache');
    response.send(PUBLIC_STYLESHEET);
  });
  router.get('/warnings.js', (_request, response) => {
    response.setHeader('Content-Type', 'text/javascript; charset=utf-8');
    response.setHeader('Cache-Control', 'public, no-cache');
    response.send(PUBLIC_SCRIPT);
  });
  router.get('/cap/v1/feed.atom', async (request, response) => {
    await admit(request);
    const language = languageOf(request, response);
    const now = await list.now();
    openTo(response, 'application/atom+xml; charset=utf-8', FRESH);
    response.setHeader('Last-Modified', new Date(feedUpdatedAt(now)).toUTCString());
    const origin = publicOrigin ?? `${request.protocol}://${request.get('host') ?? 'localhost'}`;
    await sendText(request, response, atomFeed(now, language, origin, utcOffset));
  });
  router.get('/cap/v1/:name', async (request, response) => {
    await admit(request);
    languageOf(request, response);
    const name = request.params.name;
    const identifier = name.endsWith('.xml') ? name.slice(0, -'.xml'.length) : '';
    const message = IDENTIFIER.test(identifier) ? await published.message(identifier) : undefined;
    if (!message) throw new ApiError('NOT_FOUND');
    openTo(response, 'application/cap+xml; charset=utf-8', UNCHANGING);
    response.setHeader('Last-Modified', new Date(message.sent).toUTCString());
    await sendText(request, response, message.xml);
  });
  return router;
}
