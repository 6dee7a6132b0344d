import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

const COMPRESSIBLE = /\.(js|mjs|css|html|svg|json|geojson)$/;
/** Below this a compressed copy saves nothing worth a second file. */
const SMALLEST_COMPRESSED_BYTES = 1024;

/** Writes `name.br` beside every text file of the build, so that the server compresses nothing while people wait. */
function precompress(): Plugin {
  const brotli = promisify(brotliCompress);
  let outputDirectory = '';
  return {
    name: 'precompress',
    apply: 'build',
    configResolved(config) {
      outputDirectory = resolve(config.root, config.build.outDir);
    },
    async closeBundle() {
      const entries = await readdir(outputDirectory, { recursive: true, withFileTypes: true });
      await Promise.all(
        entries
          .filter((entry) => entry.isFile() && COMPRESSIBLE.test(entry.name))
          .map(async (entry) => {
            const path = join(entry.parentPath, entry.name);
            const bytes = await readFile(path);
            if (bytes.length < SMALLEST_COMPRESSED_BYTES) return;
            const compressed = await brotli(bytes, {
              params: {
                [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
                [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
              },
            });
            await writeFile(`${path}.br`, compressed);
          }),
      );
    },
  };
}

/** Marks the page with what it is built of, so that a screen that is never closed knows when another page is served. */
function buildMark(): Plugin {
  return {
    name: 'build-mark',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        // The names of all parts hold the hashes of their contents.
        const parts = Object.keys(bundle ?? {})
          .sort()
          .join('\n');
        const content = createHash('sha256').update(parts).digest('hex').slice(0, 16);
        return [{ tag: 'meta', attrs: { name: 'hd-build', content }, injectTo: 'head' }];
      },
    },
  };
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const BASEMAP_FOLDERS = [
  { at: 'basemap', from: here('../config/basemap/data'), files: /\.geojson$/ },
  {
    at: 'basemap/fonts',
    from: here('../node_modules/@fontsource/noto-sans/files'),
    files: /^noto-sans-(vietnamese|latin)-(400-normal|500-normal|700-normal|400-italic)\.woff2$/,
  },
];

/** The basemap's data and fonts under fixed names, since the style finds them by folder; served the same way in development. */
function basemapFiles(): Plugin {
  return {
    name: 'basemap-files',
    async generateBundle() {
      for (const { at, from, files } of BASEMAP_FOLDERS) {
        for (const name of (await readdir(from)).filter((each) => files.test(each))) {
          this.emitFile({ type: 'asset', fileName: `${at}/${name}`, source: await readFile(join(from, name)) });
        }
      }
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = (request.url ?? '').split('?')[0]?.slice(1) ?? '';
        const folder = BASEMAP_FOLDERS.find(({ at }) => dirname(path) === at);
        if (!folder?.files.test(basename(path))) return next();
        readFile(join(folder.from, basename(path))).then(
          (bytes) => {
            response.setHeader('Content-Type', path.endsWith('.woff2') ? 'font/woff2' : 'application/geo+json');
            response.end(bytes);
          },
          () => next(),
        );
      });
    },
  };
}

/** What the installers' pages ask for, kept for when there is no network. Anything that changes the platform is never answered from here. */
const KEPT_ANSWERS =
  /\/api\/v1\/(session|settings|quantities|models|agencies|sites|devices|colleagues|map\/points)(\?|$)|\/api\/v1\/devices\/[^/]+$/;

/**
 * The page as an app on a phone: installable, and its pages open without network. The service worker is registered by the installers' pages alone
 * (`installer/field-worker.ts`). A new release takes over when the app is opened anew, never under somebody's hands.
 */
function fieldWorker(): ReturnType<typeof VitePWA> {
  return VitePWA({
    injectRegister: null,
    manifest: {
      id: '/',
      name: 'Hải Đăng',
      short_name: 'Hải Đăng',
      description: 'Nền tảng cảm biến của thành phố',
      lang: 'vi',
      start_url: '/jobs',
      scope: '/',
      display: 'standalone',
      background_color: '#0f1418',
      theme_color: '#0f1418',
      icons: [
        { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
        { src: '/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
        { src: '/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
      ],
    },
    workbox: {
      clientsClaim: true,
      inlineWorkboxRuntime: true,
      // What the platform pushes is shown by it.
      importScripts: ['/push-worker.js'],
      cleanupOutdatedCaches: true,
      // The base map's data and fonts too: a map without network is worth most.
      globPatterns: ['**/*.{html,js,mjs,css,svg,png,woff2,geojson}'],
      maximumFileSizeToCacheInBytes: 6_000_000,
      navigateFallback: '/index.html',
      navigateFallbackDenylist: [/^\/(warnings|cap|api|ingest|metrics|healthz|readyz|mqtt|socket\.io)(\/|$)/],
      runtimeCaching: [
        {
          urlPattern: KEPT_ANSWERS,
          handler: 'NetworkFirst',
          options: {
            cacheName: 'hd-field-answers',
            networkTimeoutSeconds: 5,
            expiration: { maxEntries: 300, maxAgeSeconds: 7 * 86_400 },
            cacheableResponse: { statuses: [200] },
          },
        },
      ],
    },
  });
}

const platform = process.env['HD_DASHBOARD_PLATFORM'] ?? 'http://localhost:8080';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), basemapFiles(), buildMark(), fieldWorker(), precompress()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    reportCompressedSize: false,
    // The map's library is one file of a megabyte, fetched once and kept.
    chunkSizeWarningLimit: 1200,
    // Basemap files and fonts stay files of their own: they are fetched as data.
    assetsInlineLimit: 0,
  },
  worker: { format: 'es' },
  server: {
    port: 5173,
    proxy: {
      '/api': platform,
      '^/(warnings|cap/)': platform,
      '/socket.io': { target: platform, ws: true },
    },
  },
});
