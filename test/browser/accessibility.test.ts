import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import type { Language } from '../../domain/localized.ts';
import { describeInChromium, type Scheme, type Size } from './control-room.ts';
import { mapIsDrawn } from './map-pixels.ts';
import { atRest, PAGES } from './pages.ts';

/** WCAG 2.2 A and AA and axe's own good practice; each problem as one line that names rule and element. */
async function problemsOf(page: Page, withoutRules: readonly string[] = []): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).disableRules([...withoutRules]).analyze();
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

/**
 * Every page in every combination would say the same many times over, and take long: each page is looked at in both schemes and on both sizes, the one half in
 * Vietnamese (the first and third way), the other in English.
 */
const WAYS: readonly (readonly [Scheme, Language, Size])[] = [
  ['dark', 'vi', 'wide'],
  ['light', 'en', 'wide'],
  ['light', 'vi', 'phone'],
  ['dark', 'en', 'phone'],
];

describeInChromium('Everybody can use', (room) => {
  const prepare = async () => {
    await room.report('wn-le-chan', { rain_intensity: 95 });
    await room.report('ea-cat-ba', { pm2_5: 21, temperature: 28 });
    await room.publish('ea-cat-ba', { ts: 5, values: { pm2_5: 1, unheard_of: 2 } });
  };

  it.each(WAYS)('every other page: %s, %s, %s', async (scheme, language, size) => {
    await prepare();
    const { page, open } = await room.screen({ as: 'quantri', scheme, language, size });
    const found: Record<string, string[]> = {};
    const half = language === 'vi' ? 0 : 1;
    for (const { name, path, ready } of PAGES.filter((_, nth) => nth % 2 === half)) {
      await open(path);
      await ready(page, language);
      await atRest(page);
      const problems = [...(await problemsOf(page)), ...(await outsideOf(page))];
      if (problems.length > 0) found[name] = problems;
    }
    expect(found).toEqual({});
  });

  it.each(['dark', 'light'] as const)('the page for signing in, with what went wrong: %s', async (scheme) => {
    const { page, open } = await room.screen({ as: null, scheme });
    await open('/login');
    await page.getByRole('button', { name: vi.login.submit, exact: true }).click();
    await page.getByRole('alert').waitFor();
    await atRest(page);
    expect(await problemsOf(page)).toEqual([]);
  });

  it('menus, legend and search while they are open', async () => {
    const { page, open } = await room.screen({ as: 'quantri' });
    await open('/');
    await mapIsDrawn(page);
    for (const show of [
      () => page.getByRole('button', { name: vi.nav.account }).click(),
      () => page.getByRole('button', { name: vi.filter.states }).click(),
      () => page.getByRole('button', { name: vi.legend.title }).click(),
      () => page.getByRole('button', { name: vi.search.open }).click(),
    ]) {
      await show();
      await page.locator('[role="menu"], [role="dialog"]').first().waitFor();
      await atRest(page);
      // What pops up stands beside the landmarks, not in one: it belongs to the button that has the focus.
      expect(await problemsOf(page, ['region'])).toEqual([]);
      await page.keyboard.press('Escape');
      await page.locator('[role="menu"], [role="dialog"]').first().waitFor({ state: 'hidden' });
    }
  });

  it('targets a finger can hit on a phone: 44 pixels high', async () => {
    await prepare();
    const { page, open } = await room.screen({ as: 'quantri', size: 'phone' });
    for (const path of ['/', '/alarms', '/points', '/rules']) {
      await open(path);
      await page.getByRole('navigation', { name: vi.nav.main }).waitFor();
      await page.locator('.grid-body [role="row"], .map-list-button').first().waitFor();
      const small = await page.evaluate(() =>
        [...document.querySelectorAll('button, .chip, .tab, .bottom-link, .grid-body [role="row"]')]
          .filter((element) => {
            const { height, width } = element.getBoundingClientRect();
            return width > 0 && height > 0 && height < 43.5 && !element.closest('.visually-hidden');
          })
          .map((element) => `${element.className} ${element.textContent} ${element.getBoundingClientRect().height}`),
      );
      expect(small, path).toEqual([]);
    }
  });

  it('the pages from the keyboard: past the navigation to the content, the focus always seen', async () => {
    const { page, open } = await room.screen();
    await open('/points');
    await page.getByRole('grid').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(vi.shell.skip);
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
    for (let step = 0; step < 12; step += 1) {
      await page.keyboard.press('Tab');
      // Past the last thing of the page the browser's own begin.
      if (await page.evaluate(() => document.activeElement === document.body)) break;
      const outline = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const row = element.querySelector('[data-active]') ?? element;
        const shown = [element, row, element.closest('.mantine-Input-input') ?? element];
        return shown.some((each) => {
          const style = getComputedStyle(each);
          return (
            (style.outlineStyle !== 'none' && style.outlineWidth !== '0px') ||
            style.borderColor.includes('79, 179, 217')
          );
        })
          ? null
          : element.outerHTML.slice(0, 200);
      });
      expect(outline, `after ${step + 1} tabs`).toBeNull();
    }
  });

  it('screens without motion, where the system asks for none: a new alarm is told, and nothing moves', async () => {
    const { page, open } = await room.screen({ reducedMotion: true });
    await open('/');
    await mapIsDrawn(page);
    await page.evaluate(() => {
      // Anything that runs for longer than a frame would be seen as motion.
      Object.assign(window, { moved: 0 });
      const look = () => {
        const running = document
          .getAnimations()
          .filter((animation) => Number(animation.effect?.getComputedTiming().duration ?? 0) > 1);
        (window as unknown as { moved: number }).moved += running.length;
        requestAnimationFrame(look);
      };
      look();
    });
    await room.report('wn-hai-an', { rain_intensity: 95 });
    await page.getByRole('grid', { name: vi.view.title }).getByText('Trạm đo mưa Hải An').waitFor();
    await page.getByRole('button', { name: vi.map.zoomIn }).click();
    await page.getByRole('button', { name: vi.nav.account }).click();
    await page.getByRole('menuitem', { name: vi.account.signOut }).waitFor();
    expect(await page.evaluate(() => (window as unknown as { moved: number }).moved)).toBe(0);
  });
});
