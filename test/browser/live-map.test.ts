import { expect, it } from 'vitest';
import { haiPhong } from '../../config/city/hai-phong.ts';
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { SYMBOL_COLOURS } from '../../dashboard/symbols/canvas.ts';
import { DOMAINS } from '../../domain/quantity.ts';
import { describeInChromium, SOON } from './control-room.ts';
import {
  likeness,
  type Mask,
  mapAddress,
  mapIsDrawn,
  maskAround,
  maskOfMap,
  middleOf,
  spotOf,
  widthAt,
} from './map-pixels.ts';

const CITY = { longitude: 106.69, latitude: 20.835 };
/** A zoom at which every point stands alone. */
const CLOSE = 16;
/** Some thirty pixels at that zoom. */
const APART_DEGREES = 0.0007;
const pointOf = (id: string) => {
  const found = haiPhong.points.find((point) => point.id === id);
  if (!found) throw new Error(`no point ${id}`);
  return found;
};
/** Rain gauges a few kilometres apart, and a transformer: their rules act at once, and together they know every severity. */
const STORM = [
  {
    severity: 'critical',
    device: 'pt-lach-tray-471-1',
    point: pointOf('p-pt-lach-tray-471-1'),
    values: { voltage_l1: 50 },
  },
  { severity: 'major', device: 'wn-kien-thuy', point: pointOf('p-wn-kien-thuy'), values: { rain_intensity: 90 } },
  { severity: 'minor', device: 'wn-thuy-nguyen', point: pointOf('p-wn-thuy-nguyen'), values: { rain_intensity: 50 } },
  { severity: 'notice', device: 'wn-an-lao', point: pointOf('p-wn-an-lao'), values: { rain_intensity: 25 } },
] as const;
const NAMES = STORM.map(({ point }) => point.name.vi);

describeInChromium('The live map', (room) => {
  const storm = () => Promise.all(STORM.map(({ device, values }) => room.report(device, values)));

  it('tells every severity by colour and by shape, in the dark and, when the system turns to it, in the light', async () => {
    await storm();
    const { page, open } = await room.screen({ scheme: null });
    await open(mapAddress(CITY, 10.7, { states: STORM.map(({ severity }) => severity).join(' ') }));
    await mapIsDrawn(page);
    for (const scheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      const masks = new Map<string, Mask>();
      for (const { severity, point } of STORM) {
        const spot = await spotOf(page, point.location, CITY, 10.7);
        await expect
          .poll(async () => {
            const mask = await maskAround(page, spot, 34, SYMBOL_COLOURS[scheme].state[severity]);
            masks.set(severity, mask);
            return mask.count;
          }, SOON)
          .toBeGreaterThan(120);
      }
      const width = (severity: string, share: number) => widthAt(masks.get(severity) as Mask, share);
      // A flat top, a point at the top, points at both ends, all round: told apart without any colour.
      expect(width('critical', 0.15)).toBeGreaterThan(0.6);
      expect(width('major', 0.15)).toBeLessThan(0.35);
      expect(width('major', 0.97)).toBeGreaterThan(0.85);
      expect(width('minor', 0.1)).toBeLessThan(0.4);
      expect(width('minor', 0.9)).toBeLessThan(0.4);
      expect(width('notice', 0.15)).toBeGreaterThan(0.5);
    }
  });

  it('tells the domains by their symbols', async () => {
    const { page, open } = await room.screen();
    const glyphs = new Map<string, Mask>();
    for (const domain of DOMAINS) {
      // Nothing has been heard of these: a dashed ring around the domain's glyph.
      const [alone] = haiPhong.points
        .filter((point) => point.domain === domain && !NAMES.includes(point.name.vi))
        .filter(({ id, location }) =>
          haiPhong.points.every(
            (other) =>
              other.id === id ||
              Math.abs(other.location.longitude - location.longitude) > APART_DEGREES ||
              Math.abs(other.location.latitude - location.latitude) > APART_DEGREES,
          ),
        );
      if (!alone) throw new Error(`no ${domain} point stands alone`);
      await open(mapAddress(alone.location, CLOSE));
      await mapIsDrawn(page);
      const spot = await spotOf(page, alone.location, alone.location, CLOSE);
      await expect
        .poll(async () => {
          const mask = await maskAround(page, spot, 14, SYMBOL_COLOURS.dark.state.unknown, 40);
          glyphs.set(domain, mask);
          return mask.count;
        }, SOON)
        .toBeGreaterThan(20);
    }
    for (const one of DOMAINS) {
      for (const other of DOMAINS) {
        if (one >= other) continue;
        expect(likeness(glyphs.get(one) as Mask, glyphs.get(other) as Mask), `${one} and ${other}`).toBeLessThan(0.75);
      }
    }
  });

  it('gathers near points in the shape and colour of the worst among them, and opens the gathering at a press', async () => {
    await storm();
    const { page, open } = await room.screen();
    await open(mapAddress(CITY, 10.7));
    await mapIsDrawn(page);
    const red = SYMBOL_COLOURS.dark.state.critical;
    await expect.poll(async () => (await maskOfMap(page, red, 12)).count, SOON).toBeGreaterThan(500);
    const cluster = await maskOfMap(page, red, 12);
    const middle = middleOf(cluster);
    await page.mouse.click(cluster.at.x + middle.x, cluster.at.y + middle.y);
    await expect
      .poll(() => Number(new URL(page.url()).searchParams.get('view')?.split(',')[2]), SOON)
      .toBeGreaterThan(11);
  });

  it('names a point under the mouse, and opens its panel at a press, with an address of its own', async () => {
    await storm();
    const [, { point }] = STORM;
    const { page, open } = await room.screen();
    await open(mapAddress(point.location, CLOSE));
    await mapIsDrawn(page);
    const spot = await spotOf(page, point.location, point.location, CLOSE);
    const tooltip = page.locator('.map-tooltip');
    await expect
      .poll(async () => {
        await page.mouse.move(spot.x + 30, spot.y + 60);
        await page.mouse.move(spot.x, spot.y);
        return (await tooltip.isVisible()) ? tooltip.textContent() : '';
      }, SOON)
      .toBe(`${point.name.vi}${vi.state.major}`);
    await page.mouse.click(spot.x, spot.y);
    await page.getByRole('heading', { name: point.name.vi, level: 2 }).waitFor();
    expect(new URL(page.url()).searchParams.get('point')).toBe(point.id);

    // A colleague who is sent the address sees the same; back closes what was opened.
    const colleague = await room.screen({ as: 'moitruong', language: 'en' });
    await colleague.page.goto(page.url());
    await colleague.page.getByRole('heading', { name: point.name.en, level: 2 }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: vi.view.title }).waitFor();
    await page.goForward();
    await page.getByRole('heading', { name: point.name.vi, level: 2 }).waitFor();
  });

  it('shows the domains, states and agency that are chosen, on the map and in the list beside it', async () => {
    await storm();
    const { page, open } = await room.screen();
    await open('/');
    const rows = page.getByRole('grid', { name: vi.view.title }).getByRole('row');
    await expect.poll(() => rows.first().textContent(), SOON).toContain(STORM[0].point.name.vi);

    const filters = page.getByRole('group', { name: vi.filter.label });
    await filters.getByRole('button', { name: vi.domain.water, exact: true }).click();
    await expect.poll(() => rows.first().textContent(), SOON).toContain(STORM[1].point.name.vi);
    // With what is alarming, which is not what the gauge is there for first of all.
    await rows.first().getByText('Cường độ mưa 90,0 mm/h').waitFor();
    await filters.getByRole('button', { name: vi.filter.states }).click();
    await page.getByRole('menuitemcheckbox', { name: vi.state.minor, exact: true }).click();
    await page.keyboard.press('Escape');
    await expect.poll(() => rows.allTextContents(), SOON).toEqual([expect.stringContaining(STORM[2].point.name.vi)]);
    await filters.getByRole('button', { name: vi.filter.agency }).click();
    await page.getByRole('menuitemradio', { name: 'Điện lực' }).click();
    await page.getByText(vi.view.emptyFilter).waitFor();
    const { searchParams } = new URL(page.url());
    expect([searchParams.get('domains'), searchParams.get('states')]).toEqual(['water', 'minor']);

    await page.reload();
    await page.getByText(vi.view.emptyFilter).waitFor();
    await page.getByRole('button', { name: vi.alarms.filter.none }).click();
    await expect.poll(() => rows.first().textContent(), SOON).toContain(STORM[0].point.name.vi);
  });

  it('finds a point by its name written without diacritics, from the keyboard alone', async () => {
    const { page, open } = await room.screen();
    await open('/');
    await page.getByRole('grid', { name: vi.view.title }).waitFor();
    await page.keyboard.press('/');
    // Typed at once, without a look at where the focus is, as a person does.
    await page.locator(':focus').and(page.getByPlaceholder(vi.search.placeholder)).waitFor();
    await page.keyboard.type('tram khong khi le chan');
    await page.getByRole('button', { name: 'Trạm không khí Lê Chân' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Trạm không khí Lê Chân', level: 2 }).waitFor();
  });

  it('stands on the bundled basemap, asking nothing of any other host, and explains its symbols', async () => {
    const { page, open } = await room.screen();
    const hosts = new Set<string>();
    const basemap = new Set<string>();
    page.on('request', (request) => {
      const { host, pathname, protocol } = new URL(request.url());
      if (protocol.startsWith('http')) hosts.add(host);
      if (pathname.startsWith('/basemap/')) basemap.add(pathname);
    });
    await open('/');
    await mapIsDrawn(page);
    expect([...hosts]).toEqual([new URL(room.url).host]);
    for (const name of ['land', 'rivers', 'areas', 'roads', 'places'])
      expect(basemap).toContain(`/basemap/${name}.geojson`);
    // The sea, in the city's south-east.
    await expect.poll(async () => (await maskOfMap(page, '#0d1820', 4)).count, SOON).toBeGreaterThan(20_000);
    await page.getByRole('button', { name: vi.legend.title }).click();
    const legend = page.getByRole('dialog', { name: vi.legend.title });
    for (const word of [...Object.values(vi.state), ...Object.values(vi.domain)])
      await legend.getByText(word, { exact: true }).waitFor();
  });
});
