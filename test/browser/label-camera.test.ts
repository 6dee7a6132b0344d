import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import encodeQR from 'qr';
import { expect, it } from 'vitest';
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { CHROMIUM, CHROMIUM_ARGUMENTS } from './chromium.ts';
import { DEMO_PASSWORD, describeInChromium } from './control-room.ts';

const WIDTH = 640;
const HEIGHT = 480;
const MODULE_PIXELS = 8;

/** What a camera sees that is held before a label: frames of YUV 4:2:0, dark on grey, a little beside the middle (YUV4MPEG2). */
function filmOf(text: string): Buffer {
  const modules = encodeQR(text, 'raw', { border: 4 });
  const side = modules.length * MODULE_PIXELS;
  const luma = Buffer.alloc(WIDTH * HEIGHT, 150);
  const left = Math.floor((WIDTH - side) / 2) + 20;
  const top = Math.floor((HEIGHT - side) / 2) - 10;
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const dark = modules[Math.floor(y / MODULE_PIXELS)]?.[Math.floor(x / MODULE_PIXELS)];
      luma[(top + y) * WIDTH + left + x] = dark ? 40 : 225;
    }
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, Buffer.alloc((WIDTH * HEIGHT) / 2, 128)]);
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`), frame, frame, frame]);
}

describeInChromium('a camera before a label', (room) => {
  it('is enough: the label is read, and leads to claiming its device', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hd-camera-'));
    const film = join(folder, 'label.y4m');
    writeFileSync(film, filmOf('https://old-address.example/claim/ea-cat-ba#7G4K-0ZQX-M2VN'));
    const browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: [
        ...CHROMIUM_ARGUMENTS,
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-video-capture=${film}`,
      ],
    });
    try {
      const context = await browser.newContext({ permissions: ['camera'] });
      await context.request.post(`${room.url}/api/v1/session`, {
        headers: { origin: room.url },
        data: { loginName: 'lapdat', password: DEMO_PASSWORD },
      });
      const page = await context.newPage();
      await page.goto(`${room.url}/claim`);
      await page.getByRole('button', { name: vi.field.scan, exact: true }).click();
      await page.getByText('7G4K-0ZQX-M2VN').waitFor({ timeout: 30_000 });
      expect(new URL(page.url()).pathname).toBe('/claim/ea-cat-ba');
      // The camera is let go of.
      expect(await page.locator('video').count()).toBe(0);
    } finally {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
