import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { describeInChromium, SOON } from './control-room.ts';
import { mapIsDrawn } from './map-pixels.ts';

const PM = 'p-ea-cat-ba~pm2_5';
const TEMPERATURE = 'p-ea-cat-ba~temperature';

describeInChromium('The desk', (room) => {
  it('compares points in one chart, refuses a third unit, and gives what is seen as a table, a file and a saved view', async () => {
    const now = Date.now();
    for (const back of [4, 3, 2, 1])
      await room.publish('ea-cat-ba', {
        ts: now - back * 60_000,
        values: { pm2_5: 20 + back, temperature: 28 + back / 10, humidity: 70 },
      });
    const { page, open } = await room.screen({ as: 'moitruong' });
    await open('/?point=p-ea-cat-ba');
    await page.getByRole('button', { name: vi.compare.addThis }).click();
    await page.waitForURL(/\/compare\?/);

    await page.getByRole('textbox', { name: vi.compare.search }).fill('cat ba');
    const station = page.locator('.compare-hits > li').filter({ hasText: 'Trạm không khí Cát Bà' });
    await station.getByRole('button', { name: /Nhiệt độ không khí/ }).click();
    const legend = page.getByRole('list', { name: vi.compare.legend }).getByRole('listitem');
    await expect.poll(() => legend.count(), SOON).toBe(2);
    const humidity = station.getByRole('button', { name: /Độ ẩm/ });
    await expect.poll(() => humidity.isDisabled(), SOON).toBe(true);
    expect(new URL(page.url()).searchParams.get('lines')).toBe(`${PM} ${TEMPERATURE}`);

    // By a link, the third is named and left out.
    await open(`/compare?lines=${PM}+${TEMPERATURE}+p-ea-cat-ba~humidity&period=h1`);
    await page.getByRole('alert').getByText('đơn vị thứ ba').waitFor();
    const row = page.locator('.chart-table-box .grid-body [role="row"]');
    await expect.poll(() => row.count(), SOON).toBe(4);
    expect(await row.first().textContent()).toMatch(/21,0.*28,1/);
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: vi.chartTable.csv }).click();
    const file = await (await downloading).path();
    const [head, ...lines] = readFileSync(file, 'utf8').trim().split('\r\n');
    expect(head).toContain('(µg/m³)');
    expect(head).toContain('(°C)');
    expect(lines).toHaveLength(4);
    expect(lines[3]).toContain(`${new Date(now - 60_000).toISOString()},21.0,`);

    await page.getByRole('button', { name: vi.views.title }).click();
    await page.getByRole('menuitem', { name: vi.views.save }).click();
    await page.getByRole('textbox', { name: vi.views.name }).fill('Cát Bà');
    await page.getByRole('button', { name: vi.views.saveButton, exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await open('/compare');
    await page.getByRole('button', { name: vi.views.title }).click();
    await page.getByRole('menuitem', { name: 'Cát Bà' }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('period'), SOON).toBe('h1');
    await expect.poll(() => legend.count(), SOON).toBe(2);
  });

  it('keeps how the map looks under a name, gives a link to it, and brings a deleted one back', async () => {
    const { page, context, open } = await room.screen();
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const { views } = vi;
    const menu = page.getByRole('button', { name: views.title, exact: true });
    const choose = async (name: string) => {
      await menu.click();
      await page.getByRole('menuitem', { name, exact: true }).click();
    };
    const look = () => {
      const words = new URL(page.url()).searchParams;
      return ['view', 'domains', 'layers'].map((word) => words.get(word));
    };
    const LOOK = ['106.6900,20.8500,13.0', 'water', 'floods'];
    await open('/?view=106.6900,20.8500,13.0&domains=water&layers=floods');
    await choose(views.save);
    await page.getByRole('textbox', { name: views.name }).fill('Ngập Lê Chân');
    await page.getByRole('button', { name: views.saveButton, exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });

    await open('/?view=106.8000,20.9000,11.0');
    await choose('Ngập Lê Chân');
    await expect.poll(look, SOON).toEqual(LOOK);
    await choose(views.manage);
    const edit = (name: string) => page.getByRole('group', { name: views.edit.replace('{{name}}', name) });
    await edit('Ngập Lê Chân').getByRole('textbox', { name: views.name }).fill('Ngập nội thành');
    await edit('Ngập Lê Chân').getByRole('button', { name: views.rename }).click();
    await edit('Ngập nội thành').getByRole('button', { name: views.copyItsLink }).click();
    await edit('Ngập nội thành').getByText(views.linkCopied).waitFor();
    await edit('Ngập nội thành').getByRole('button', { name: views.delete, exact: true }).click();
    await edit('Ngập nội thành').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: views.undo }).click();
    await edit('Ngập nội thành').waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    await page.goto(link);
    await menu.waitFor();
    expect(look()).toEqual(LOOK);
  });

  it('finds a device, a street and a page from anywhere, and offers what was found again', async () => {
    const { page, open } = await room.screen({ as: 'quantri' });
    await open('/rules');
    await page.getByRole('navigation', { name: vi.nav.main }).waitFor();
    const box = page.getByPlaceholder(vi.search.placeholder);
    const find = async (text: string, entry: string) => {
      await page.keyboard.press('Control+k');
      await box.fill(text);
      await page.getByRole('button', { name: entry }).first().click();
      await box.waitFor({ state: 'hidden' });
    };
    await find('ea-cat-ba', 'ea-cat-ba');
    await page.waitForURL(/\/devices\?device=ea-cat-ba/);
    await find('nhat ky thao', vi.audit.title);
    await page.waitForURL(/\/audit/);
    // A street of the map's ground, apart from the points named after it.
    const street = new RegExp(`^Lạch Tray\\s*${vi.search.street}$`);
    await page.keyboard.press('Control+k');
    await box.fill('lach tray street');
    await page.getByRole('button', { name: street }).click();
    await page.waitForURL(/view=/);
    expect(new URL(page.url()).searchParams.get('point')).toBeNull();
    await mapIsDrawn(page);
    await page.keyboard.press('Control+k');
    await page.getByRole('button', { name: 'Lạch Tray', exact: true }).waitFor();
  });

  it('shows what a grant would show before it is made, and lets somebody in by a link', async () => {
    const { page, open } = await room.screen({ as: 'quantri' });
    await open('/sharing');
    await page.getByRole('button', { name: vi.sharing.add }).click();
    const dialog = page.getByRole('dialog');
    const to = dialog.getByLabel(vi.sharing.to).first();
    await to.click();
    await page.getByRole('option', { name: vi.sharing.public }).click();
    const effect = dialog.locator('.grant-effect[aria-busy="false"]');
    await effect.getByText(vi.sharing.effect.noAlarms).waitFor();
    await dialog.getByRole('button', { name: vi.sharing.share, exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText(vi.sharing.everything).first().waitFor();
    await page.getByRole('button', { name: vi.sharing.end }).first().click();
    await dialog.locator('.grant-effect[aria-busy="false"]').waitFor();
    await dialog.getByRole('button', { name: vi.sharing.end, exact: true }).click();
    await page.getByText(vi.sharing.empty).waitFor();

    await open('/users');
    await page.getByRole('button', { name: vi.users.add }).click();
    await dialog.getByRole('textbox', { name: vi.login.name }).fill('minh.tran');
    await dialog.getByRole('textbox', { name: vi.users.displayName }).fill('Trần Minh');
    await dialog.getByRole('button', { name: vi.users.addRole }).click();
    await dialog.getByRole('button', { name: vi.common.save }).click();
    const link = (await dialog.locator('.code-block').textContent()) ?? '';
    const guest = await room.screen({ as: null });
    await guest.open(link.replace(/^https?:\/\/[^/]+/, ''));
    await guest.page.getByLabel(vi.users.newPassword).first().fill('mật khẩu dài của Minh');
    await guest.page.getByRole('button', { name: vi.welcome.submit }).click();
    await guest.page.getByRole('heading', { name: vi.welcome.done }).waitFor();
  });
});
