import { expect, it } from 'vitest';
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import { DEMO_PASSWORD, describeInChromium } from './control-room.ts';

describeInChromium('Signing in', (room) => {
  it('says what to do when the password is wrong, and lets the right one in', async () => {
    const { page, open, complaints } = await room.screen({ as: null });
    await open('/login');
    await page.getByLabel(vi.login.name).fill('vanhanh');
    await page.getByLabel(vi.login.password, { exact: true }).fill('not the password');
    await page.getByRole('button', { name: vi.login.submit, exact: true }).click();
    expect(await page.getByRole('alert').textContent()).toBe(vi.login.refused);
    // The browser itself writes a line for an answer of 401; it is the answer to a wrong password.
    expect(complaints.splice(0).every((text) => text.includes('401'))).toBe(true);

    await page.getByLabel(vi.login.password, { exact: true }).fill(DEMO_PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: vi.view.title }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
  });

  it('asks for both fields before it asks the server', async () => {
    const { page, open } = await room.screen({ as: null });
    await open('/login');
    await page.getByRole('button', { name: vi.login.submit, exact: true }).click();
    expect(await page.getByRole('alert').textContent()).toBe(vi.login.incomplete);
  });

  it('offers the demo’s accounts, each signing in at one press', async () => {
    const { page, open } = await room.screen({ as: null });
    await open('/login');
    const accounts = page.getByRole('region', { name: vi.login.demoTitle }).getByRole('button');
    await accounts.first().waitFor();
    expect(await accounts.count()).toBe(4);
    await accounts.filter({ hasText: 'quantri' }).click();
    await page.getByRole('link', { name: vi.nav.admin }).waitFor();
  });

  it('goes on to the page that was asked for', async () => {
    const { page, open } = await room.screen({ as: null });
    await open('/alarms?severities=critical');
    await page.getByText(vi.login.leadBack).waitFor();
    await page.getByRole('region', { name: vi.login.demoTitle }).getByRole('button', { name: 'vanhanh' }).click();
    await page.getByRole('heading', { name: vi.alarms.title, level: 1 }).waitFor();
    expect(new URL(page.url()).search).toBe('?severities=critical');
  });

  it('never goes on to another host', async () => {
    const { page, open } = await room.screen({ as: null });
    await open('/login?next=//example.org/steal');
    await page.getByRole('region', { name: vi.login.demoTitle }).getByRole('button', { name: 'vanhanh' }).click();
    await page.getByRole('heading', { name: vi.view.title }).waitFor();
    expect(page.url()).toContain(room.url);
  });

  it('signs out, and shows nothing of the city to who comes next', async () => {
    const { page, open } = await room.screen();
    await open('/alarms');
    await page.getByRole('button', { name: vi.nav.account }).click();
    await page.getByRole('menuitem', { name: vi.account.signOut }).click();
    await page.getByRole('heading', { name: vi.login.title }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: vi.login.title }).waitFor();
  });
});

describeInChromium(
  'A platform without users',
  (room) => {
    it('makes its first administrator by the link printed at the start, then shows an empty city that says what to do', async () => {
      const { page, open } = await room.screen({ as: null, language: 'en' });
      expect(room.setupPath).not.toBeNull();
      await open(room.setupPath ?? '');
      await page.getByLabel(en.users.displayName, { exact: true }).fill('Đỗ Thị Lan');
      await page.getByLabel(en.login.name).fill('lan.do');
      await page.getByLabel(en.login.password, { exact: true }).fill('sông Cấm chảy ra biển');
      await page.getByRole('button', { name: en.setup.submit }).click();
      await page.getByText(en.view.emptyCity).waitFor();

      await open('/alarms');
      await page.getByText(en.alarms.empty.open).waitFor();
      await open('/points');
      await page.getByText(en.assets.noPointsHint).waitFor();
    });
  },
  { mode: 'serve' },
);
