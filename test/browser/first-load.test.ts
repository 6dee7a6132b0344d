import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { expect, it } from 'vitest';
import { describeInChromium } from './control-room.ts';
import { mapIsDrawn } from './map-pixels.ts';

/** Most that the map's page may fetch as scripts before it is usable, brotli, the map library's worker included. */
const SCRIPT_BUDGET_BYTES = 700 * 1024;
const ASSETS = join(import.meta.dirname, '../../dashboard/dist/assets');

describeInChromium('The first visit', (room) => {
  it('fetches no more than 700 kB of scripts for the map, each compressed', async () => {
    const { page, open } = await room.screen();
    const scripts: { readonly url: string; readonly encoding: string | undefined }[] = [];
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (/\.m?js$/.test(pathname)) scripts.push({ url: pathname, encoding: response.headers()['content-encoding'] });
    });
    await open('/');
    await mapIsDrawn(page);
    const names = [...new Set(scripts.map(({ url }) => url.slice(url.lastIndexOf('/') + 1)))];
    expect(names.some((name) => name.startsWith('maplibre-gl-worker'))).toBe(true);
    const sizes = await Promise.all(
      names
        .filter((name) => name !== 'first-paint.js')
        .map(async (name) => (await stat(join(ASSETS, `${name}.br`)).catch(() => stat(join(ASSETS, name)))).size),
    );
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(100 * 1024);
    expect(total).toBeLessThanOrEqual(SCRIPT_BUDGET_BYTES);
    // The smallest have no compressed copy: it would be no smaller.
    const compressed = new Set(await readdir(ASSETS));
    const isCompressed = (url: string): boolean => compressed.has(`${url.slice(url.lastIndexOf('/') + 1)}.br`);
    const whole = scripts.filter(({ url }) => url.includes('index-') && isCompressed(url));
    expect(whole.length).toBeGreaterThan(0);
    for (const { url, encoding } of whole) expect(encoding, url).toBe('br');
  });

  it('has compressed copies that hold what their originals hold', async () => {
    const compressed = (await readdir(ASSETS)).filter((name) => name.endsWith('.br'));
    expect(compressed.length).toBeGreaterThan(10);
    for (const name of compressed) {
      const bytes = await promisify(brotliDecompress)(await readFile(join(ASSETS, name)));
      expect(bytes.equals(await readFile(join(ASSETS, name.slice(0, -3)))), name).toBe(true);
    }
  });
});
