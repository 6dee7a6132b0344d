import { existsSync } from 'node:fs';
import { join, normalize, sep } from 'node:path';
import express, { type RequestHandler, type Response, type Router } from 'express';
import type { StaticFolder } from '../ports.ts';

const YEAR_SECONDS = 31_536_000;
const HOUR_SECONDS = 3_600;

/** Types of files that were compressed when built; Express would otherwise name the type of `.br`. */
const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json; charset=utf-8',
  geojson: 'application/geo+json; charset=utf-8',
  webmanifest: 'application/manifest+json; charset=utf-8',
  wasm: 'application/wasm',
  pbf: 'application/x-protobuf',
  txt: 'text/plain; charset=utf-8',
};

/** Serves folders of files: the dashboard, the base map's data, fonts. Range requests (PMTiles) and conditional ones are Express's own. */
export function staticFiles(folders: readonly StaticFolder[]): Router {
  const router = express.Router();
  for (const folder of folders) {
    router.use(folder.path, precompressed(folder), plain(folder));
  }
  for (const { path, folder } of folders.filter((one) => one.singlePage)) {
    router.get(`${path === '/' ? '' : path}/*rest`, singlePage(folder));
  }
  return router;
}

function cacheFor(response: Response, path: string, { immutable }: StaticFolder): void {
  if (path.endsWith('.html') || path.endsWith('sw.js')) response.setHeader('Cache-Control', 'no-cache');
  else if (immutable?.some((prefix) => path.includes(`/${prefix}/`)))
    response.setHeader('Cache-Control', `public, max-age=${YEAR_SECONDS}, immutable`);
  else response.setHeader('Cache-Control', `public, max-age=${HOUR_SECONDS}, must-revalidate`);
}

function plain(folder: StaticFolder): RequestHandler {
  return express.static(folder.folder, {
    index: 'index.html',
    redirect: false,
    dotfiles: 'ignore',
    setHeaders: (response, path) => {
      cacheFor(response as Response, `/${path.slice(folder.folder.length).split(sep).join('/')}`, folder);
      const type = TYPES[path.slice(path.lastIndexOf('.') + 1)];
      if (type) response.setHeader('Content-Type', type);
    },
  });
}

/** The file's `.br` or `.gz` neighbour, made at build time, when the client can read it. */
function precompressed(folder: StaticFolder): RequestHandler {
  const exists = new Map<string, boolean>();
  const isThere = (file: string): boolean => {
    // Folders are fixed while the platform runs; the number of names that exist in them is a bound, that of wrong names isn't.
    const known = exists.get(file);
    if (known !== undefined) return known;
    const found = existsSync(file);
    if (found) exists.set(file, true);
    return found;
  };
  return (request, response, next) => {
    if ((request.method !== 'GET' && request.method !== 'HEAD') || request.headers.range !== undefined) return next();
    let path: string;
    try {
      path = decodeURIComponent(request.path);
    } catch {
      return next();
    }
    if (path.endsWith('/')) path += 'index.html';
    const type = TYPES[path.slice(path.lastIndexOf('.') + 1)];
    const file = normalize(join(folder.folder, path));
    if (!type || path.includes('\0') || path.includes('/.') || !file.startsWith(normalize(folder.folder + sep)))
      return next();
    const variants = (
      [
        ['br', '.br'],
        ['gzip', '.gz'],
      ] as const
    ).filter(([, suffix]) => isThere(file + suffix));
    if (variants.length === 0) return next();
    response.vary('Accept-Encoding');
    const wanted = variants.find(([encoding]) => request.acceptsEncodings(encoding) === encoding);
    if (!wanted) return next();
    response.setHeader('Content-Encoding', wanted[0]);
    response.setHeader('Content-Type', type);
    cacheFor(response, path, folder);
    response.sendFile(file + wanted[1], { cacheControl: false, acceptRanges: false }, (error) => {
      if (error) next(error);
    });
  };
}

/** The dashboard's own addresses: a link opens the same view for a colleague. Names that look like files stay 404. */
function singlePage(folder: string): RequestHandler {
  const index = join(folder, 'index.html');
  return (request, response, next) => {
    const last = request.path.slice(request.path.lastIndexOf('/') + 1);
    if (last.includes('.') || !request.accepts('html')) return next();
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile(index, { cacheControl: false }, (error) => {
      if (error) next((error as { status?: number }).status === 404 ? undefined : error);
    });
  };
}
