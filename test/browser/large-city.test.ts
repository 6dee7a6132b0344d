import { expect, it } from 'vitest';
import { haiPhong } from '../../config/city/hai-phong.ts';
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { describeInChromium, SOON } from './control-room.ts';
import { mapAddress, mapIsDrawn, spotOf } from './map-pixels.ts';

const RAIN = haiPhong.points.find(({ id }) => id === 'p-wn-kien-thuy');
if (!RAIN) throw new Error('the rain gauge is not there');
const CLOSE = 16;

// What the demo city is to these screens fifty thousand points are to others: more than they are given whole.
describeInChromium(
  'The map of a city too large to be given whole',
  (room) => {
    it('lists what is in view, worst first, with names and readings fetched for the rows shown, and opens from the keyboard', async () => {
      await room.report('wn-kien-thuy', { rainfall: 4, rain_intensity: 90 });
      const { page, open } = await room.screen();
      const asked: URL[] = [];
      page.on('request', (request) => asked.push(new URL(request.url())));
      await open('/');
      await mapIsDrawn(page);
      const rows = page.getByRole('grid', { name: vi.view.title }).getByRole('row');
      await expect.poll(() => rows.first().textContent(), SOON).toContain(RAIN.name.vi);
      await expect.poll(() => rows.first().textContent(), SOON).toContain(vi.state.major);
      await expect.poll(() => rows.allTextContents(), SOON).not.toContain('…');
      const points = asked.filter(({ pathname }) => pathname.endsWith('/map/points'));
      expect(points.length).toBeGreaterThan(0);
      for (const { searchParams } of points) {
        const named = searchParams.get('numbers') ?? searchParams.get('ids') ?? '';
        expect(named.split(',').length).toBeLessThan(100);
      }

      await page.getByRole('grid', { name: vi.view.title }).press('Home');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: RAIN.name.vi, level: 2 }).waitFor();
      await page.getByText('90,0 mm/h').first().waitFor();
      await room.report('wn-kien-thuy', { rainfall: 5, rain_intensity: 95 });
      await page.getByText('95,0 mm/h').first().waitFor();
    });

    it('names the point under the mouse, opens it at a press and by its address, and says when there is none', async () => {
      const { page, open } = await room.screen();
      await open(mapAddress(RAIN.location, CLOSE));
      await mapIsDrawn(page);
      const spot = await spotOf(page, RAIN.location, RAIN.location, CLOSE);
      const tooltip = page.locator('.map-tooltip');
      await expect
        .poll(async () => {
          await page.mouse.move(spot.x + 30, spot.y + 60);
          await page.mouse.move(spot.x, spot.y);
          return (await tooltip.isVisible()) ? tooltip.textContent() : '';
        }, SOON)
        .toContain(RAIN.name.vi);
      await page.mouse.click(spot.x, spot.y);
      await page.getByRole('heading', { name: RAIN.name.vi, level: 2 }).waitFor();
      expect(new URL(page.url()).searchParams.get('point')).toBe(RAIN.id);
      await page.reload();
      await page.getByRole('heading', { name: RAIN.name.vi, level: 2 }).waitFor();
      await open('/?point=p-nowhere');
      await page.getByRole('heading', { name: vi.point.unknown, level: 2 }).waitFor();
    });

    it('has all points fetched where a page lists them', async () => {
      const { page, open } = await room.screen();
      await open('/points');
      await page.getByLabel(vi.assets.searchPoints).fill('kien thuy');
      await page.getByRole('row').filter({ hasText: RAIN.name.vi }).first().waitFor();
    });
  },
  { settings: { live: { pointsWhole: 100 } } },
);
