import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { describeInChromium, SOON } from './control-room.ts';

const { warnings } = vi;
const inLanguage = (text: string, language: 'vi' | 'en') => text.replace('{{language}}', warnings.language[language]);
/** The page for everybody, loaded anew. */
async function publicText(page: Page, url: string): Promise<string> {
  await page.goto(`${url}/warnings?lang=vi`);
  return (await page.locator('main').textContent()) ?? '';
}

describeInChromium('Official warnings', (room) => {
  it('go from an alarm to a draft, to a second person, to everybody, and are taken back', async () => {
    await room.report('wn-cat-ba', { rain_intensity: 95 });
    const author = await room.screen({ as: 'vanhanh' });
    await author.open('/alarms');
    await author.page
      .getByRole('grid', { name: vi.alarms.list.open })
      .locator('.grid-body')
      .getByRole('row')
      .filter({ hasText: 'Cát Bà' })
      .click();
    const alarm = author.page.getByRole('complementary', { name: vi.alarms.panel });
    await alarm.getByRole('button', { name: vi.alarms.more }).click();
    await author.page.getByRole('menuitem', { name: warnings.draftFromAlarm }).click();

    // What the platform knows is there: where, how bad, until when.
    const headline = author.page.getByLabel(inLanguage(warnings.headline, 'vi'));
    await expect.poll(() => headline.inputValue(), SOON).toContain('Cát Bà');
    await author.page.getByLabel(warnings.area.circle.replace('{{number}}', '1')).waitFor();
    await headline.fill('Mưa rất to tại Cát Bà');
    await author.page.getByLabel(inLanguage(warnings.headline, 'en')).fill('Very heavy rain on Cat Ba');
    await author.page.getByLabel(inLanguage(warnings.description, 'vi')).fill('Mưa trên 90 mm mỗi giờ.');
    await author.page.getByLabel(inLanguage(warnings.description, 'en')).fill('More than 90 mm an hour.');
    const instruction = author.page.getByLabel(inLanguage(warnings.instruction, 'en'));
    await author.page.getByLabel(inLanguage(warnings.instruction, 'vi')).fill('Không đi qua ngầm, suối.');
    await instruction.fill('');
    const problems = author.page.getByRole('list', { name: warnings.problems });
    await problems.getByText(warnings.partEn.instruction).waitFor();
    await instruction.fill('Do not cross fords or streams.');
    await author.page.getByText(warnings.valid).waitFor();

    // An outline beside the circle: drawn on the map, then made exact as text.
    await author.page.getByRole('button', { name: warnings.area.draw }).click();
    const map = author.page.locator('.area-map canvas');
    const box = await map.boundingBox();
    if (!box) throw new Error('no map');
    for (const [x, y] of [
      [0.3, 0.3],
      [0.7, 0.3],
      [0.5, 0.7],
    ] as const)
      await author.page.mouse.click(box.x + box.width * x, box.y + box.height * y, { delay: 30 });
    await author.page.getByRole('button', { name: warnings.area.done }).click();
    const corners = author.page.getByLabel(warnings.area.outline.replace('{{number}}', '1').replace('{{count}}', '3'));
    expect((await corners.inputValue()).split('\n')).toHaveLength(3);
    await corners.fill('20.78, 106.95\n20.78, 107.06\n20.70, 107.02');
    await author.page.getByRole('button', { name: warnings.save }).click();
    const submit = author.page.getByRole('button', { name: warnings.do.submit });
    await expect.poll(() => submit.isEnabled(), SOON).toBe(true);
    await submit.click();
    await author.page.getByText(warnings.waitsForApprover).or(author.page.getByText(warnings.waitsForSecond)).waitFor();
    expect(await author.page.getByRole('button', { name: warnings.do.approve, exact: true }).count()).toBe(0);

    const visitor = await room.screen({ as: null, size: 'phone', scheme: 'light' });
    expect(await publicText(visitor.page, room.url)).not.toContain('Mưa rất to');

    // The second person is told, reads, and publishes.
    const approver = await room.screen({ as: 'moitruong' });
    await approver.open('/official-warnings');
    const waiting = approver.page.getByRole('region', { name: warnings.group.waiting });
    await waiting.getByRole('link', { name: /Mưa rất to tại Cát Bà/ }).click();
    await approver.page.getByRole('button', { name: warnings.do.approve, exact: true }).click();
    await approver.page.getByRole('dialog').getByRole('button', { name: warnings.do.approve }).click();
    await approver.page.getByText(warnings.done.approve).waitFor();

    const shown = await publicText(visitor.page, room.url);
    expect(shown).toContain('Mưa rất to tại Cát Bà');
    expect(shown).toContain('Không đi qua ngầm, suối.');
    expect(shown.toLowerCase()).toContain('diễn tập');
    expect(await visitor.page.locator('svg .area path').count()).toBe(1);
    const feed = await (await visitor.context.request.get(`${room.url}/cap/v1/feed.atom?lang=en`)).text();
    expect(feed).toContain('Very heavy rain on Cat Ba');
    const cap = new URL(/href="([^"]+\.xml)"/.exec(feed)?.[1] ?? '');
    const xml = await (await visitor.context.request.get(room.url + cap.pathname)).text();
    expect(xml).toContain('20.78000,106.95000 20.78000,107.06000 20.70000,107.02000 20.78000,106.95000');

    // The live map shows it too.
    await approver.open('/');
    await approver.page
      .getByRole('region', { name: warnings.inForceHere })
      .getByRole('link', { name: 'Mưa rất to tại Cát Bà' })
      .waitFor();

    // Taken back: asked for by the one, approved by the other.
    await approver.open('/official-warnings');
    await approver.page.getByRole('link', { name: /Mưa rất to tại Cát Bà/ }).click();
    await approver.page.getByRole('button', { name: warnings.do.cancel }).click();
    const dialog = approver.page.getByRole('dialog');
    await dialog.getByLabel(inLanguage(warnings.reason, 'vi')).fill('Mưa đã tạnh.');
    await dialog.getByLabel(inLanguage(warnings.reason, 'en')).fill('The rain is over.');
    await dialog.getByRole('button', { name: warnings.do.cancel }).click();
    await approver.page.getByText(warnings.waitsForSecond).waitFor();
    const third = await room.screen({ as: 'quantri' });
    await third.open('/official-warnings');
    await third.page.getByRole('region', { name: warnings.group.waiting }).getByRole('link').click();
    await third.page.getByRole('button', { name: warnings.do.approveCancel }).click();
    await third.page.getByRole('dialog').getByRole('button', { name: warnings.do.approveCancel }).click();
    await third.page.getByText(warnings.done.approve).waitFor();
    const after = await publicText(visitor.page, room.url);
    expect(after).toContain('Hiện không có cảnh báo nào');
    expect(after).toContain('Mưa đã tạnh.');
  });

  it('tell people on the public page when it could not be loaded anew, and need no script to be read', async () => {
    const { page, context } = await room.screen({ as: null, networkMayFail: true });
    await page.clock.install();
    await page.goto(`${room.url}/warnings?lang=en`);
    await page.locator('.refreshed time').waitFor();
    expect(await page.locator('#stale').isVisible()).toBe(false);
    await context.setOffline(true);
    await page.clock.fastForward('05:00');
    await page.locator('#stale').waitFor({ state: 'visible' });
    expect(await page.locator('#stale').textContent()).toContain('Newer information could not be loaded');
    await context.setOffline(false);
    await page.clock.fastForward('02:00');
    await page.locator('#stale').waitFor({ state: 'hidden' });
    const plain = await room.browser.newContext({ javaScriptEnabled: false });
    const quiet = await plain.newPage();
    await quiet.goto(`${room.url}/warnings?lang=en`);
    expect(await quiet.locator('h1').textContent()).toBe(en.warnings.title);
    expect(await quiet.locator('svg.map .land').count()).toBe(1);
    await plain.close();
  });
});
