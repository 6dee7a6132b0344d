import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { haiPhong } from '../../config/city/hai-phong.ts';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { describeInChromium, type Screen } from './control-room.ts';
import { atRest, PAGES } from './pages.ts';

type Catalogue = { readonly [key: string]: string | Catalogue };

/** Texts that are a whole by themselves: those with parameters are made of both languages' words and others'. */
function* wholeTexts(catalogue: Catalogue): Generator<string> {
  for (const value of Object.values(catalogue)) {
    if (typeof value !== 'string') yield* wholeTexts(value);
    else if (!value.includes('{{')) yield value;
  }
}
const vietnamese = new Set(wholeTexts(vi));
const english = new Set(wholeTexts(en));
/** What only the one language says: `API`, `–`, `English` are the same in both. */
const onlyIn = {
  vi: new Set([...vietnamese].filter((text) => !english.has(text))),
  en: new Set([...english].filter((text) => !vietnamese.has(text))),
};

/** Every text a person reads or hears on the page: text nodes, names, hints, placeholders. */
const textsOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const texts = new Set<string>();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      // What is marked as being in a language of its own (the switch) is meant to be, and code is of none; what people have written is theirs.
      if (parent && !parent.closest('script, style, textarea, code, [lang]:not(html)'))
        texts.add((walker.currentNode.textContent ?? '').trim());
    }
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [aria-description]')) {
      if (element.closest('[lang]:not(html)')) continue;
      for (const name of ['aria-label', 'title', 'placeholder', 'aria-description'])
        texts.add((element.getAttribute(name) ?? '').trim());
    }
    texts.delete('');
    return [...texts];
  });

/** A key of the catalogue where its text should be: `alarms.column.work`. */
const KEY = /^[a-z][a-zA-Z]*(\.[a-zA-Z0-9_]+)+$/;
/** Words no Vietnamese page has, whoever wrote them. */
const ENGLISH_WORDS =
  /\b(the|and|of|with|is|are|not|found|loading|alarm|device|point|since|ago|seconds?|minutes?|hours?)\b/i;
/** Device models carry their maker's name for them, in whatever language that is. */
const MODEL_NAMES = new Set(haiPhong.models.flatMap(({ name, maker }) => [name, maker, `${name} · ${maker}`]));
/** What others call their products. */
const PRODUCT_NAMES = new Set(['The Things Stack v3']);
/** Ids of devices and points, and units, are of no language. */
const isName = (text: string): boolean =>
  MODEL_NAMES.has(text) || PRODUCT_NAMES.has(text) || /^[a-z0-9-]+$/.test(text) || /^[A-Z0-9. ()/|:–-]+$/.test(text);

async function chooseLanguage({ page }: Screen, from: typeof vi | typeof en, to: 'languageVi' | 'languageEn') {
  await page.getByRole('button', { name: from.nav.account }).click();
  await page.getByRole('menuitemradio', { name: from.account[to] }).click();
  await page.keyboard.press('Escape');
}

describeInChromium('Vietnamese and English', (room) => {
  it('are switched everywhere at once, and the choice is remembered on the machine', async () => {
    const screen = await room.screen({ language: null });
    const { page, open } = screen;
    await open('/alarms');
    await page.getByRole('heading', { name: vi.alarms.title, level: 1 }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('vi');
    await chooseLanguage(screen, vi, 'languageEn');
    await page.getByRole('heading', { name: en.alarms.title, level: 1 }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await page.reload();
    await page.getByRole('heading', { name: en.alarms.title, level: 1 }).waitFor();
    await page.getByRole('link', { name: en.nav.rules }).click();
    await page.getByRole('heading', { name: en.rules.title, level: 1 }).waitFor();
    await chooseLanguage(screen, en, 'languageVi');
    await page.getByRole('heading', { name: vi.rules.title, level: 1 }).waitFor();
  });

  it('write numbers, dates and ages each in its own way', async () => {
    await room.report('ea-cat-ba', { pm2_5: 34.2 });
    const screen = await room.screen();
    await screen.open('/?point=p-ea-cat-ba');
    const value = screen.page.getByRole('list', { name: vi.point.valuesHint }).getByRole('button').first();
    await value.getByText('34,2 µg/m³').waitFor();
    await chooseLanguage(screen, vi, 'languageEn');
    await screen.page
      .getByRole('list', { name: en.point.valuesHint })
      .getByRole('button')
      .first()
      .getByText('34.2 µg/m³')
      .waitFor();
    const clock = await screen.page.locator('.strip-clock').textContent();
    expect(clock).toMatch(/^\d{1,2} [A-Z][a-z]{2} \d{4} /);
  });

  it.each(['vi', 'en'] as const)('leave no text of the other language on any page in %s', async (language) => {
    await room.report('wn-le-chan', { rain_intensity: 95 });
    await room.publish('ea-cat-ba', { ts: 5, values: { pm2_5: 1, unheard_of: 2 } });
    const { page, open } = await room.screen({ as: 'quantri', language });
    const other = onlyIn[language === 'vi' ? 'en' : 'vi'];
    for (const { path, ready } of PAGES) {
      await open(path);
      await ready(page, language);
      await atRest(page);
      const texts = await textsOf(page);
      expect(
        texts.filter((text) => other.has(text) || KEY.test(text)),
        path,
      ).toEqual([]);
      if (language === 'vi')
        expect(
          texts.filter((text) => ENGLISH_WORDS.test(text) && !isName(text)),
          path,
        ).toEqual([]);
    }
  });
});
