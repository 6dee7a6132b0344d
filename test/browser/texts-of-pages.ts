/** What is on a page in a language that is not the reader's. */
import type { Page } from 'playwright-core';
import { haiPhong } from '../../config/city/hai-phong.ts';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import type { Language } from '../../domain/localized.ts';

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

/** Texts on the page that are of the other language, keys that stand where their text should, and, in Vietnamese, words no Vietnamese page has. */
export async function strangersOn(page: Page, language: Language): Promise<string[]> {
  const other = onlyIn[language === 'vi' ? 'en' : 'vi'];
  return (await textsOf(page)).filter(
    (text) => other.has(text) || KEY.test(text) || (language === 'vi' && ENGLISH_WORDS.test(text) && !isName(text)),
  );
}
