/**
 * Draws the pictures of a rule in docs/images, in both languages: the page on which it is written, wide and on a phone, and what a second person
 * sees of the next version. Run by `npm run screenshots`.
 */
import en from '../../dashboard/i18n/en.json' with { type: 'json' };
import vi from '../../dashboard/i18n/vi.json' with { type: 'json' };
import type { AgencyId, RuleId } from '../../domain/identifiers.ts';
import { LANGUAGES, type Language } from '../../domain/localized.ts';
import type { ControlRoom, Size } from './control-room.ts';
import { atDesk } from './field-device.ts';
import { drawPictures, pictured, shoot } from './pictures.ts';

const WORDS = { vi, en } as const;
const SIZE = { width: 1440, height: 900 };

const MINUTE = 60_000;
/** Fine dust in the middle of the city: two levels, the hourly mean, by day in the season of haze. */
const CONTENT = {
  name: { vi: 'Bụi mịn cao ở nội thành', en: 'Fine dust is high in the city' },
  advice: {
    vi: 'Kiểm tra thiết bị; rà soát nguồn thải quanh trạm; báo cáo Sở.',
    en: 'Check the analyser; look at the sources around the station; report to the department.',
  },
  enabled: true,
  quantity: 'pm2_5',
  selection: {
    polygon: [
      [106.6, 20.8],
      [106.6, 20.89],
      [106.76, 20.89],
      [106.76, 20.8],
    ],
  },
  condition: {
    kind: 'above',
    over: { statistic: 'mean', length: 60 * MINUTE, interval: 10 * MINUTE, minimumCapture: 0.75 },
    hysteresis: 5,
    levels: [
      { severity: 'minor', hold: 30 * MINUTE, limit: 50 },
      { severity: 'major', hold: 0, limit: 100 },
    ],
  },
  clearHold: 20 * MINUTE,
  judgeSuspect: true,
  endsUnacknowledged: ['minor'],
  active: { weekly: [], seasons: [{ from: '10-01', to: '03-31' }] },
  message: {
    vi: '{quantity} tại {point}: {value} {unit} (ngưỡng {limit}), từ {since}.',
    en: '{quantity} at {point}: {value} {unit} (limit {limit}), since {since}.',
  },
};

async function draw(room: ControlRoom, language: Language, size: Size, ruleId: string): Promise<void> {
  const words = WORDS[language];
  const context = size === 'wide' ? { viewport: SIZE } : {};
  const page = await pictured(room, language, size, { as: 'quantri', context });
  await page.goto(`${room.url}/rules/${ruleId}`);
  await page.locator('.rule-sentence').first().waitFor();
  await page.locator('.rule-count').getByText(/\d/).waitFor();
  const shootWithMap = async (name: string): Promise<void> => {
    await page.locator('.area-map[aria-busy="false"]').waitFor();
    await shoot(page, name);
  };
  if (size === 'wide') {
    await shootWithMap(`rule-review-${language}-wide`);
    await page.getByRole('button', { name: words.ruleDraft.do.edit }).click();
    await page.locator('.rule-slot').and(page.getByTitle(words.ruleForm.of.limit)).first().click();
    await page.getByRole('dialog', { name: words.ruleForm.of.limit }).waitFor();
  } else {
    await page.getByRole('button', { name: words.ruleDraft.do.edit }).click();
    await page.locator('.rule-slot').first().waitFor();
    await page.locator('.rule-sentences').scrollIntoViewIfNeeded();
  }
  await shootWithMap(`rule-${language}-${size}`);
  await page.context().close();
}

await drawPictures({}, async (room) => {
  const [author, second] = [await atDesk(room, 'moitruong'), await atDesk(room, 'quantri')];
  const agencyId = 'environment' as AgencyId;
  const first = await author.call('POST /rule-drafts', { body: { agencyId, content: CONTENT } });
  const params = { ruleId: first.ruleId as RuleId };
  const sent = await author.call('POST /rule-drafts/{ruleId}/submit', { params, version: first.version });
  await second.call('POST /rule-drafts/{ruleId}/approve', { params, version: sent.version });
  const [minor, major] = CONTENT.condition.levels;
  const levels = [
    { ...minor, limit: 45 },
    { ...major, hold: 10 * MINUTE },
  ];
  const content = { ...CONTENT, condition: { ...CONTENT.condition, levels } };
  const next = await author.call('POST /rule-drafts', { body: { ...params, agencyId, content } });
  await author.call('POST /rule-drafts/{ruleId}/submit', { params, version: next.version });
  for (const language of LANGUAGES)
    for (const size of ['wide', 'phone'] as const) await draw(room, language, size, first.ruleId);
});
