import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { describeInChromium, SOON } from './control-room.ts';

const { ruleDraft, ruleForm, ruleText, presets, backtest } = vi;

/** The button of one piece of the sentence. */
const piece = (page: Page, name: keyof typeof ruleForm.of) =>
  page.locator('.rule-slot').and(page.getByTitle(ruleForm.of[name]));
const popover = (page: Page, name: keyof typeof ruleForm.of) => page.getByRole('dialog', { name: ruleForm.of[name] });
const kept = (page: Page) => page.getByText(ruleDraft.keeping.kept, { exact: true }).waitFor();

describeInChromium('A rule', (room) => {
  it('goes from a limit to a sentence, an area, past data, a second person, and an alarm', async () => {
    const officer = await room.screen({ as: 'moitruong' });
    const { page } = officer;
    await officer.open('/rules');
    await page.getByRole('button', { name: presets.open }).click();
    await page
      .getByRole('article', { name: /PM2[.,]5/ })
      .first()
      .getByRole('button', { name: presets.make })
      .click();

    // The draft is on the server from the first moment, switched off, with its sources above it.
    await page.getByRole('region', { name: presets.sources }).waitFor();
    const agency = page.getByRole('combobox', { name: vi.alarms.agency });
    expect(await agency.inputValue()).toContain('Môi trường');
    // It may be another's: the draft moves there, and back.
    for (const [name, part] of [
      ['Công ty TNHH MTV Thoát nước Hải Phòng', 'Thoát nước'],
      ['Sở Nông nghiệp và Môi trường Hải Phòng', 'Môi trường'],
    ] as const) {
      await agency.click();
      await page.getByRole('option', { name }).click();
      await piece(page, 'scope').getByText(part).waitFor();
    }
    const address = page.url();
    await piece(page, 'measure').first().click();
    await popover(page, 'measure').getByRole('combobox', { name: ruleForm.measure }).click();
    await page.getByRole('option', { name: ruleForm.measures.each }).click();
    await page.keyboard.press('Escape');
    await popover(page, 'measure').waitFor({ state: 'hidden' });

    // By keyboard alone, from here: the piece, its popover, back to the piece.
    await piece(page, 'limit').first().focus();
    await page.keyboard.press('Enter');
    const limit = popover(page, 'limit').getByLabel(ruleForm.limit);
    await limit.fill('');
    await page.getByRole('region', { name: ruleDraft.problems }).waitFor();
    await limit.fill('61,5');
    await page.keyboard.press('Escape');
    await piece(page, 'limit').first().getByText('61,5').waitFor();
    await piece(page, 'severity').first().click();
    await popover(page, 'severity').getByRole('combobox', { name: vi.alarms.column.severity }).click();
    await page.getByRole('option', { name: vi.severity.major }).click();
    await page.keyboard.press('Escape');

    // An area is drawn on the map, made exact as text, and counted.
    await page.getByRole('button', { name: ruleForm.scope.draw }).click();
    const box = await page.locator('.area-map canvas').boundingBox();
    if (!box) throw new Error('no map');
    for (const [x, y] of [
      [0.1, 0.1],
      [0.9, 0.1],
      [0.9, 0.9],
    ] as const)
      await page.mouse.click(box.x + box.width * x, box.y + box.height * y, { delay: 30 });
    await page.getByRole('button', { name: ruleForm.scope.done }).click();
    const corners = page.getByLabel(ruleForm.scope.corners_other.replace('{{count}}', '3'));
    expect((await corners.inputValue()).split('\n')).toHaveLength(3);
    await page.getByRole('button', { name: ruleForm.scope.undo }).click();
    await page.getByLabel(ruleForm.scope.corners_other.replace('{{count}}', '2')).waitFor();
    await page
      .getByLabel(ruleForm.scope.corners_other.replace('{{count}}', '2'))
      .fill('20.70, 106.95\n20.70, 107.10\n20.85, 107.10\n20.85, 106.95');
    await page.getByText(ruleForm.scope.matching_other.replace('{{points}}', '1'), { exact: true }).waitFor();
    await piece(page, 'scope').getByText(ruleText.inArea).waitFor();

    // What its alarms say, in both languages; a placeholder there is not is named at once.
    const message = page.getByLabel(ruleForm.message.vi, { exact: true });
    await message.fill('Bụi {gì}');
    await page.getByText(ruleForm.message.unknown.replace('{{placeholder}}', 'gì')).waitFor();
    await message.fill('Bụi mịn cao tại ');
    await page
      .getByRole('group', { name: ruleForm.message.insert.vi })
      .getByRole('button', { name: ruleForm.placeholder.point, exact: true })
      .click();
    expect(await message.inputValue()).toBe('Bụi mịn cao tại {point}');
    await page.getByLabel(ruleForm.message.en, { exact: true }).fill('Fine dust is high at {point}');
    await page.getByLabel(vi.rules.nameVi).fill('Bụi mịn ở Cát Bà');
    await page.getByLabel(vi.rules.nameEn).fill('Fine dust on Cat Ba');
    await page.getByRole('switch', { name: vi.rules.enabledSwitch }).click();
    await kept(page);

    await page.getByRole('button', { name: backtest.run }).click();
    await page.getByText(backtest.none).or(page.locator('.backtest-figures')).first().waitFor();
    await page.getByRole('button', { name: ruleDraft.do.submit }).click();
    await page.getByText(ruleDraft.waitsForSecond).waitFor();
    expect(await page.getByRole('button', { name: ruleDraft.do.approve }).count()).toBe(0);

    // The second person finds it in the list, reads it, and lets it go live.
    const second = await room.screen({ as: 'quantri', language: 'en' });
    await second.open('/rules');
    const waiting = second.page.getByRole('region', { name: en.ruleDraft.waiting });
    await waiting.getByRole('link', { name: /Fine dust on Cat Ba/ }).click();
    await second.page.getByText(/When a reading of .* is at or above 61\.5/).waitFor();
    expect(await second.page.locator('.rule-slot').count()).toBe(0);
    await second.page.getByRole('button', { name: en.ruleDraft.do.approve }).click();
    await second.page.getByText(en.ruleDraft.done.approve).waitFor();

    await room.report('ea-cat-ba', { pm2_5: 80 });
    await officer.open('/alarms');
    await page
      .getByRole('grid', { name: vi.alarms.list.open })
      .locator('.grid-body')
      .getByRole('row')
      .filter({ hasText: 'Bụi mịn ở Cát Bà' })
      .click();
    const why = page.getByRole('complementary', { name: vi.alarms.panel });
    await why.getByText(/^Khi một số đo của .* đạt hoặc vượt 61,5/).waitFor();

    // The next version: nobody's edit touches what is in use until it is reviewed; both stand beside each other in words.
    await page.goto(address.replace(/\?.*/, ''));
    await piece(page, 'hold').first().click();
    await popover(page, 'hold').getByLabel(ruleForm.hold, { exact: true }).fill('20');
    await page.keyboard.press('Escape');
    await kept(page);
    const changes = page.getByRole('region', { name: ruleDraft.changes });
    await changes.getByRole('row', { name: /thời gian duy trì .* 20 phút/ }).waitFor();
    await page.getByRole('button', { name: ruleDraft.do.submit }).click();
    await page.getByText(ruleDraft.waitsForSecond).waitFor();
    await second.page.reload();
    await second.page.getByRole('button', { name: en.ruleDraft.do.reject }).click();
    const dialog = second.page.getByRole('dialog');
    await dialog.getByLabel(en.ruleDraft.reason).fill('Twenty minutes is too long.');
    await dialog.getByRole('button', { name: en.ruleDraft.do.reject }).click();
    await second.page.getByText(en.ruleDraft.done.reject).waitFor();
    await page.reload();
    await page
      .getByText(/Twenty minutes is too long/)
      .first()
      .waitFor();
  });

  it('is not lost when the page is closed at once, or its limit is taken away', async () => {
    const officer = await room.screen({ as: 'moitruong' });
    const { page } = officer;
    await officer.open('/rules/new');
    await page.getByLabel(vi.rules.nameVi).fill('Quy tắc dở dang');
    // Closed before the pause after which it would have been saved.
    await officer.open('/alarms');
    await expect
      .poll(async () => {
        await officer.open('/rules/new');
        await page.getByLabel(vi.rules.nameVi).waitFor();
        const here = await page.getByLabel(vi.rules.nameVi).inputValue();
        if (here !== '') return here;
        await officer.open('/rules');
        await page.locator('.grid-body [role="row"]').first().waitFor();
        return (await page.locator('.rule-waiting').allTextContents()).join(' ');
      }, SOON)
      .toContain('Quy tắc dở dang');
  });
});
