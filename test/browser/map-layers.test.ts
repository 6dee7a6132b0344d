import { expect, it } from 'vitest';
import { haiPhong } from '../../config/city/hai-phong.ts';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { lineLooks } from '../../dashboard/map/line-style.ts';
import { describeInChromium, SOON } from './control-room.ts';
import { mapAddress, mapIsDrawn, maskAround, spotOf } from './map-pixels.ts';

const siteOf = (id: string) => {
  const found = haiPhong.sites.find((site) => site.id === id);
  if (!found) throw new Error(`no site ${id}`);
  return found;
};
const ZOOM = 15;
/** The middle of a course, where no symbol stands. */
const middleOf = (id: string) => {
  const path = siteOf(id).path ?? [];
  const [a, b] = [path[0], path[1]];
  if (!a || !b) throw new Error(`${id} has no course`);
  return { longitude: (a.longitude + b.longitude) / 2, latitude: (a.latitude + b.latitude) / 2 };
};
const STREET = 'segment-le-hong-phong';
const FLOODED = 'flood-to-hieu';

describeInChromium('The layers of the map', (room) => {
  /** A course is of a colour at a place of the map. */
  const isDrawnIn = async (page: Parameters<typeof spotOf>[0], id: string, colour: string) => {
    const middle = middleOf(id);
    const spot = await spotOf(page, middle, middle, ZOOM);
    await expect.poll(async () => (await maskAround(page, spot, 26, colour)).count, SOON).toBeGreaterThan(40);
  };
  const { roads, floods } = lineLooks('dark');

  it('colour a street by its level of service, and follow its readings while one looks', async () => {
    await room.report('ts-le-hong-phong', { vehicle_speed: 48 });
    const { page, open } = await room.screen();
    await open(mapAddress(middleOf(STREET), ZOOM, { layers: 'roads' }));
    await mapIsDrawn(page);
    await isDrawnIn(page, STREET, roads.A?.colour as string);
    await room.report('ts-le-hong-phong', { vehicle_speed: 9 });
    await isDrawnIn(page, STREET, roads.F?.colour as string);
    const legend = page.getByRole('region', { name: vi.layers.legend });
    await expect.poll(() => legend.getByText('F · ùn tắc').locator('..').textContent(), SOON).toContain('< 30 %');
  });

  it('are chosen by keyboard, stand in the address, and are found again by the person, not by a colleague', async () => {
    await room.report('wf-to-hieu', { flood_depth: 0.34 });
    const { page, open, context } = await room.screen();
    await open(mapAddress(middleOf(FLOODED), ZOOM));
    await mapIsDrawn(page);
    await page.getByRole('button', { name: vi.layers.title }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitemcheckbox', { name: vi.layers.name.floods }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).searchParams.get('layers'), SOON).toBe('floods');
    await isDrawnIn(page, FLOODED, floods.cars?.colour as string);
    const again = await context.newPage();
    await again.goto(`${room.url}/`);
    await again.getByRole('region', { name: vi.layers.legend }).waitFor();
    // A link that says where to look opens with its own layers alone.
    await again.goto(room.url + mapAddress(middleOf(FLOODED), ZOOM));
    await mapIsDrawn(again);
    expect(await again.getByRole('region', { name: vi.layers.legend }).count()).toBe(0);
    const colleague = await room.screen({ as: 'moitruong' });
    await colleague.open('/');
    await mapIsDrawn(colleague.page);
    expect(await colleague.page.getByRole('region', { name: vi.layers.legend }).count()).toBe(0);
  });

  it('say the same in a list by keyboard: what is out and all that hangs on it, worst first, and open its point', async () => {
    await room.report('pt-lach-tray-471-1', { voltage_l1: 0, voltage_l2: 0, voltage_l3: 0 });
    const { page, open } = await room.screen({ language: 'en' });
    await open(mapAddress(siteOf('transformer-lach-tray-471-1').location, 14, { layers: 'power', list: 'layers' }));
    const list = page.getByRole('grid', { name: en.layers.tableTitle });
    await list.waitFor();
    const first = list.getByRole('row').first();
    await expect.poll(() => first.textContent(), SOON).toContain(en.layers.class.outage);
    // Its meters have said nothing since: they are out because it is.
    await expect
      .poll(
        () => list.getByText(new RegExp(`${en.layers.because.upstream}|${en.layers.because.incident}`)).count(),
        SOON,
      )
      .toBeGreaterThanOrEqual(3);
    await list.getByText('Quán Mau transformer', { exact: true }).click();
    await page.getByRole('heading', { name: 'Quán Mau transformer', level: 2 }).waitFor();
  });

  it('say what is not measured now: of the past the readings of then, and the air between two near stations as interpolated', async () => {
    await room.report('wf-to-hieu', { flood_depth: 0.6 });
    const then = new Date(Date.now() - 1_000).toISOString();
    await room.report('wf-to-hieu', { flood_depth: 0 });
    const { page, open } = await room.screen();
    await open(mapAddress(middleOf(FLOODED), ZOOM, { layers: 'floods', list: 'layers', at: then, known: 'now' }));
    const legend = page.getByRole('region', { name: vi.layers.legend });
    await legend.getByText(vi.layers.pastNote).waitFor();
    // Back to now, and to another layer of the whole city, without loading the page anew.
    await page.evaluate(
      (address) => history.pushState(null, '', address),
      mapAddress({ longitude: 106.69, latitude: 20.835 }, 11, { layers: 'air' }),
    );
    await page.getByText(vi.layers.interpolated).waitFor();
    expect(await legend.getByText(vi.layers.pastNote).count()).toBe(0);
  });

  it('measure a way and an area by mouse and by keyboard, take a step back, and end', async () => {
    const { page, open } = await room.screen();
    await open(mapAddress({ longitude: 106.69, latitude: 20.835 }, 14));
    await mapIsDrawn(page);
    await page.getByRole('button', { name: vi.measure.title }).click();
    const tool = page.getByRole('region', { name: vi.measure.title });
    await tool.getByText(vi.measure.begin).waitFor();
    const map = page.locator('.map-canvas');
    for (const position of [
      { x: 300, y: 400 },
      { x: 500, y: 400 },
      { x: 500, y: 550 },
    ])
      await map.click({ position });
    await tool.getByText('3 vị trí').waitFor();
    // 350 pixels of some 4.5 m at this zoom and latitude, 512 pixels to the world's tile.
    expect(await tool.getByText(vi.measure.length).textContent()).toMatch(/1,5\d km|1,6\d km/);
    await map.click({ position: { x: 302, y: 402 } });
    await expect.poll(() => tool.textContent(), SOON).toMatch(/Diện tích\s*\d+,\d ha/);
    await page.keyboard.press('Backspace');
    await expect.poll(() => tool.textContent(), SOON).not.toContain(vi.measure.area);
    await page.keyboard.press('Backspace');
    await tool.getByText('2 vị trí').waitFor();
    await page.locator('.map-canvas canvas').focus();
    await page.keyboard.press('Enter');
    await tool.getByText('3 vị trí').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => tool.count(), SOON).toBe(0);
    // Nothing was selected meanwhile, and presses are the points' again.
    expect(new URL(page.url()).searchParams.get('point')).toBeNull();
  });

  it('print as one sheet across: title, time with its zone, legend, scale, sources, and the alarms in view', async () => {
    await room.report('wf-to-hieu', { flood_depth: 0.62 });
    const { page, open } = await room.screen({ language: 'en' });
    await open(mapAddress(middleOf(FLOODED), 14, { layers: 'floods' }));
    await mapIsDrawn(page);
    await page.getByRole('button', { name: en.print.title }).click();
    const sheet = page.getByRole('dialog', { name: en.print.title });
    await sheet.getByLabel(en.print.sheetTitle).fill('Floods at five');
    await sheet.getByRole('heading', { name: 'Floods at five', level: 1 }).waitFor();
    await sheet.getByRole('img', { name: 'Map: Floods at five' }).waitFor();
    const text = (await sheet.textContent()) ?? '';
    expect(text).toContain('UTC+7');
    expect(text).toContain('GSHHG');
    expect(text).toContain(en.layers.class.closed);
    expect(text).toMatch(/\d+ k?m/);
    await expect.poll(() => sheet.getByRole('row').count(), SOON).toBeGreaterThan(0);
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
    // A4 across is 842 by 595 points.
    expect(pdf).toMatch(/\/MediaBox\s*\[0 0 84[12](\.\d+)? 59[45](\.\d+)?\]/);
    await page.keyboard.press('Escape');
    await expect.poll(() => sheet.count(), SOON).toBe(0);
  });
});
