import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { describeInChromium, SOON } from './control-room.ts';

const rowsOf = (page: Page) =>
  page.getByRole('grid', { name: vi.alarms.list.open }).locator('.grid-body').getByRole('row');
const titleCount = async (page: Page): Promise<number> => Number(/^\((\d+)\) /.exec(await page.title())?.[1] ?? 0);

describeInChromium('Alarms', (room) => {
  it('come from a device’s message to the strip, the list and the tab’s title within a second', async () => {
    const { page, open } = await room.screen();
    await open('/alarms');
    await page.getByText(vi.line.live, { exact: true }).waitFor();
    await page.getByText(vi.alarms.empty.open).waitFor();
    expect(await page.title()).toBe('Hải Đăng');
    const delays: number[] = [];
    for (const [index, device] of ['ea-hai-an', 'ea-kien-an', 'ea-hong-bang', 'ea-le-chan'].entries()) {
      // Seen by the page itself, the moment all three are there: the test's own questions take no part in the time.
      await page.evaluate((count) => {
        const seen = new Promise<number>((resolve) => {
          const look = () => {
            const rows = document.querySelectorAll('.grid-body [role="row"]').length;
            const strip = document.querySelector('.strip-count[data-some]')?.textContent ?? '';
            if (rows === count && strip.includes(String(count)) && document.title.startsWith(`(${count})`))
              resolve(Date.now());
            else requestAnimationFrame(look);
          };
          look();
        });
        Object.assign(window, { seen });
      }, index + 1);
      const published = Date.now();
      await room.report(device, { door_open: 1 });
      delays.push((await page.evaluate(() => (window as unknown as { seen: Promise<number> }).seen)) - published);
    }
    // A machine busy with other tests adds to the time and never takes from it: the quickest of four is what the platform needs at most.
    expect(Math.min(...delays)).toBeLessThan(1_000);
    expect(await rowsOf(page).first().textContent()).toContain('Trạm không khí Lê Chân');
    await page.getByRole('link', { name: `4 ${vi.severity.notice}` }).waitFor();
    await page.getByRole('status').filter({ hasText: 'Cửa tủ trạm mở' }).waitFor({ state: 'attached' });
  });

  it('stand worst first, and the newest first among equals', async () => {
    const { page, open } = await room.screen();
    await open('/alarms');
    await room.report('wn-cat-ba', { rain_intensity: 50 });
    await room.report('wn-tu-ky', { rain_intensity: 90 });
    await room.report('pt-lach-tray-473-1', { voltage_l1: 20 });
    await room.report('wn-chi-linh', { rain_intensity: 55 });
    await expect
      .poll(
        async () => (await rowsOf(page).allTextContents()).map((row) => /^\S+( \S+)?(?=Trạm)/.exec(row)?.[0] ?? row),
        SOON,
      )
      .toEqual([
        vi.severity.critical,
        vi.severity.major,
        vi.severity.minor,
        vi.severity.minor,
        ...Array<string>(4).fill(vi.severity.notice),
      ]);
    const [, , newer, older] = await rowsOf(page).allTextContents();
    expect(newer).toContain('Chí Linh');
    expect(older).toContain('Cát Bà');
  });

  it('are acknowledged with one key, and stay so over a reload', async () => {
    await room.report('wn-hai-duong', { rain_intensity: 95 });
    const { page, open } = await room.screen();
    await open('/alarms?severities=major&domains=water');
    const row = rowsOf(page).filter({ hasText: 'Hải Dương' });
    await row.getByText(vi.work.new).waitFor();
    const before = await titleCount(page);
    // The newest of the worst is the first; the keyboard stands on it.
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role')), SOON).toBe('grid');
    await page.keyboard.press('a');
    await row.getByText(vi.work.acknowledged).waitFor();
    await expect.poll(() => titleCount(page), SOON).toBe(before - 1);
    await page.reload();
    await row.getByText(vi.work.acknowledged).waitFor();

    // Another operator's screen shows it too.
    const colleague = await room.screen({ as: 'moitruong' });
    await colleague.open('/alarms');
    await rowsOf(colleague.page).filter({ hasText: 'Hải Dương' }).getByText(vi.work.acknowledged).waitFor();
  });

  it('open, move and close by keys, and list the keys', async () => {
    await room.report('wn-hai-duong', { rain_intensity: 95 });
    await room.report('wn-kinh-mon', { rain_intensity: 96 });
    const { page, open } = await room.screen();
    await open('/alarms?severities=major');
    await expect.poll(() => rowsOf(page).count(), SOON).toBeGreaterThanOrEqual(2);
    const names = await rowsOf(page).locator('[role="gridcell"]:nth-child(2)').allTextContents();
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role')), SOON).toBe('grid');
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary', { name: vi.alarms.panel });
    await panel.getByRole('link', { name: names[0] as string }).waitFor();
    await page.getByRole('grid', { name: vi.alarms.list.open }).focus();
    await page.keyboard.press('j');
    await panel.getByRole('link', { name: names[1] as string }).waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: vi.alarms.help });
    await help.getByText(vi.alarms.keys.acknowledge).waitFor();
  });

  it('are worked on: comment, shelve with a reason, take back; all of it in the history', async () => {
    await room.report('wn-vinh-bao', { rain_intensity: 45 });
    const { page, open } = await room.screen({ as: 'quantri' });
    await open('/alarms');
    await rowsOf(page).filter({ hasText: 'Vĩnh Bảo' }).click();
    const panel = page.getByRole('complementary', { name: vi.alarms.panel });
    await panel.getByRole('button', { name: vi.alarms.comment, exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(vi.alarms.note).fill('Đã gọi trạm bơm Vĩnh Bảo.');
    await dialog.getByRole('button', { name: vi.alarms.do.comment }).click();
    await panel.getByText('Đã gọi trạm bơm Vĩnh Bảo.').waitFor();

    await panel.getByRole('button', { name: vi.alarms.more }).click();
    await page.getByRole('menuitem', { name: vi.alarms.shelve }).click();
    await dialog.getByLabel(vi.alarms.reason).fill('Chờ hết mưa.');
    await dialog.getByRole('button', { name: vi.alarms.do.shelve }).click();
    await panel.getByText('Chờ hết mưa.').first().waitFor();
    expect(await rowsOf(page).filter({ hasText: 'Vĩnh Bảo' }).count()).toBe(0);
    await page.getByRole('link', { name: vi.alarms.list.hidden }).click();
    await page.getByRole('grid', { name: vi.alarms.list.hidden }).getByText('Trạm đo mưa Vĩnh Bảo').click();
    await panel.getByRole('button', { name: vi.alarms.more }).click();
    await page.getByRole('menuitem', { name: vi.alarms.unshelve }).click();
    await panel.getByText(vi.transition.unsuppressed).waitFor();
    await page.getByText(vi.alarms.empty.hidden).waitFor();
  });

  it('sound when they come, unless muted; the choice is remembered', async () => {
    const { page, context, open } = await room.screen();
    await context.addInitScript(() => {
      // Counts the tones the page plays; they are played all the same.
      const start = OscillatorNode.prototype.start;
      Object.assign(window, { tones: 0 });
      // An audio device that takes its time to open, as over a busy machine or Bluetooth.
      const resume = AudioContext.prototype.resume;
      AudioContext.prototype.resume = async function (this: AudioContext) {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        return resume.call(this);
      };
      Object.defineProperty(AudioContext.prototype, 'state', { value: 'suspended' });
      OscillatorNode.prototype.start = function (this: OscillatorNode, when?: number) {
        (window as unknown as { tones: number }).tones += 1;
        start.call(this, when);
      };
    });
    const tones = () => page.evaluate(() => (window as unknown as { tones: number }).tones);
    await open('/alarms');
    await page.getByRole('button', { name: vi.sound.turnOff }).waitFor();
    // What is open when the page comes up does not call.
    await page.getByText(vi.line.live, { exact: true }).waitFor();
    // A person has touched the page: from then on browsers let it sound.
    await page.keyboard.press('Shift');
    await room.report('wn-minh-duc', { rain_intensity: 90 });
    await rowsOf(page).filter({ hasText: 'Minh Đức' }).waitFor();
    await expect.poll(tones, SOON).toBe(3);

    await page.getByRole('button', { name: vi.sound.turnOff }).click();
    await room.report('wn-tien-lang', { rain_intensity: 90 });
    await rowsOf(page).filter({ hasText: 'Tiên Lãng' }).waitFor();
    expect(await tones()).toBe(3);
    await page.reload();
    await page.getByRole('button', { name: vi.sound.turnOn }).waitFor();
  });

  it('offer no step to somebody who may not take it', async () => {
    await room.report('wn-phu-lien', { rain_intensity: 45 });
    const { page, open } = await room.screen({ as: 'lapdat' });
    await open('/alarms');
    await rowsOf(page).filter({ hasText: 'Phù Liễn' }).click();
    const panel = page.getByRole('complementary', { name: vi.alarms.panel });
    await panel.getByText(vi.alarms.history).waitFor();
    expect(await panel.getByRole('button', { name: vi.alarms.acknowledge }).count()).toBe(0);
  });
});
