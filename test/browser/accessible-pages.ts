import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import type { Language } from '../../domain/localized.ts';
import type { ControlRoom, Scheme, Size } from './control-room.ts';
import { atRest, type DashboardPage } from './pages.ts';
import { strangersOn } from './texts-of-pages.ts';

/** WCAG 2.2 A and AA, size of targets (2.5.8) among them, and axe's own good practice; each problem as one line that names rule and element. */
export async function problemsOf(
  page: Page,
  { within = 'html', withoutRules = [] as readonly string[] } = {},
): Promise<string[]> {
  const off = withoutRules.map((rule) => [rule, { enabled: false }] as const);
  const { violations } = await new AxeBuilder({ page })
    .include(within)
    .options({
      rules: { 'target-size': { enabled: true }, ...Object.fromEntries(off) },
      // Of what is in order nothing is told, and no style sheet is fetched anew for rules that are off: both take seconds a page.
      resultTypes: ['violations'],
      preload: false,
    })
    // No page has frames of another origin: there is nothing to be put together on a page of its own.
    .setLegacyMode(true)
    .analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
}

/** Elements that stand out of the screen's width, and so make the page scroll sideways or cannot be reached. */
const outsideOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const isInScroller = (element: Element): boolean => {
      for (let at = element.parentElement; at; at = at.parentElement) {
        if (/auto|scroll|hidden/.test(getComputedStyle(at).overflowX) && at.clientWidth < innerWidth + 1) return true;
      }
      return false;
    };
    return [...document.querySelectorAll('button, a, input, h1, h2, p')]
      .filter((element) => {
        const { left, right, width } = element.getBoundingClientRect();
        return (
          width > 0 &&
          (right > innerWidth + 1 || left < -1) &&
          !isInScroller(element) &&
          !element.closest('.visually-hidden')
        );
      })
      .map((element) => `${element.tagName} ${element.textContent}`);
  });

/** Rows of tabs that say of several that they are the one that is open. */
const doubleTabsOf = (page: Page): Promise<string[]> =>
  page.locator('.tabs').evaluateAll((rows) =>
    rows.flatMap((row) => {
      const open = [...row.querySelectorAll('[aria-current]')].map(({ textContent }) => textContent);
      return open.length > 1 ? [`open at once: ${open.join(', ')}`] : [];
    }),
  );

/**
 * What the keyboard can stand on without its being seen: without a mark of the focus (WCAG 2.4.7), or wholly under something else, such as a bar that stays
 * while the rest scrolls (2.4.11). An open dialog, or on the phone an open sheet, is all there is meanwhile.
 */
async function unseenFocusOf(page: Page): Promise<string[]> {
  // From here on the browser takes what is focused as focused by the keyboard.
  await page.keyboard.press('Tab');
  return page.evaluate(async () => {
    const within = [...document.querySelectorAll('[role="dialog"], .panel[data-sheet]')].at(-1) ?? document.body;
    const stops = [
      ...within.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary, [tabindex]'),
    ].filter(
      (stop) => stop.tabIndex >= 0 && !stop.matches(':disabled') && stop.checkVisibility({ visibilityProperty: true }),
    );
    const lookOf = (stop: HTMLElement): string =>
      [
        stop,
        stop.parentElement,
        stop.nextElementSibling,
        stop.closest('.mantine-Input-input'),
        stop.closest('.mantine-Input-wrapper')?.querySelector('.mantine-Input-input'),
        stop.querySelector('[data-active]'),
      ]
        .map((part) => {
          if (!part) return '';
          const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, backgroundColor } =
            getComputedStyle(part);
          return [outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, backgroundColor].join();
        })
        .join(';');
    const isUnder = (stop: HTMLElement, found: Element | null): boolean =>
      found === null || !(stop.contains(found) || found.contains(stop) || found.closest('label')?.control === stop);
    const isCovered = (stop: HTMLElement): boolean => {
      const { left, top, width, height } = stop.getBoundingClientRect();
      return [0.05, 0.25, 0.5, 0.75, 0.95].every((x) =>
        [0.1, 0.5, 0.9].every((y) => isUnder(stop, document.elementFromPoint(left + x * width, top + y * height))),
      );
    };
    const problemOf = (stop: HTMLElement, before: string): string | null =>
      lookOf(stop) === before ? 'focus not seen' : isCovered(stop) ? 'focus covered' : null;
    const found: string[] = [];
    for (const stop of stops) {
      (document.activeElement as HTMLElement | null)?.blur();
      const before = lookOf(stop);
      stop.focus();
      let problem = problemOf(stop, before);
      // A list marks its row, and a page scrolls, some frames later.
      for (let frame = 0; problem !== null && frame < 20; frame++) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        problem = problemOf(stop, before);
      }
      // What took the focus elsewhere is shown there.
      if (problem === null || document.activeElement !== stop) continue;
      found.push(`${problem}: ${stop.outerHTML.slice(0, 160)}`);
    }
    return found;
  });
}

/** Both schemes, both languages, both sizes: each with each other at least once. */
export const WAYS: readonly (readonly [Scheme, Language, Size])[] = [
  ['dark', 'vi', 'wide'],
  ['light', 'en', 'wide'],
  ['light', 'vi', 'phone'],
  ['dark', 'en', 'phone'],
];

/** The way in which the nth page is looked at where there is no time for all of them. */
export const wayOf = (nth: number): (typeof WAYS)[number] => WAYS[nth % WAYS.length] as (typeof WAYS)[number];

/** Something to be seen on the pages: an alarm, a point with readings, a message in quarantine. */
export async function fillPages(room: ControlRoom): Promise<void> {
  await room.report('wn-le-chan', { rain_intensity: 95 });
  await room.report('ea-cat-ba', { pm2_5: 21, temperature: 28 });
  await room.publish('ea-cat-ba', { ts: 5, values: { pm2_5: 1, unheard_of: 2 } });
}

/**
 * Looks at pages one after the other, as the administrator sees them: whether everybody can use them, and whether they speak one language.
 * @returns problems by the page's name; those without are absent
 */
export async function problemsOfPages(
  room: ControlRoom,
  [scheme, language, size]: (typeof WAYS)[number],
  pages: readonly DashboardPage[],
): Promise<Record<string, string[]>> {
  const { page, open } = await room.screen({ as: 'quantri', scheme, language, size });
  const found: Record<string, string[]> = {};
  for (const { name, path, ready } of pages) {
    await open(path);
    await ready(page, language);
    await atRest(page);
    const problems = [
      ...(await problemsOf(page)),
      ...(await outsideOf(page)),
      ...(await doubleTabsOf(page)),
      ...(await strangersOn(page, language)),
      ...(await unseenFocusOf(page)),
    ];
    if (problems.length > 0) found[name] = problems;
  }
  return found;
}
