import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROLES } from '../../domain/access.ts';
import { SUPPRESSION_KINDS, TRANSITION_KINDS } from '../../domain/alarm.ts';
import { DEVICE_STATES } from '../../domain/asset.ts';
import { CHECK_VERDICTS, COMMISSIONING_CHECKS, FINDINGS } from '../../domain/commissioning.ts';
import { COMMAND_STATES, KNOWN_COMMANDS } from '../../domain/device-control.ts';
import { IMPORT_OBSTACLES } from '../../domain/device-import.ts';
import { DEVICE_STEPS } from '../../domain/device-life.ts';
import { ROLLOUT_STEPS } from '../../domain/firmware/rollout.ts';
import { POINT_STATES } from '../../domain/point-state.ts';
import { QUARANTINE_CODES } from '../../domain/ports/quarantine.ts';
import { ACTIVITY_KINDS } from '../../domain/ports/registry.ts';
import { ADMISSION_REFUSALS } from '../../domain/provisioning.ts';
import { QUALITY, QUALITY_KINDS } from '../../domain/quality.ts';
import { DOMAINS } from '../../domain/quantity.ts';
import { SEVERITIES } from '../../domain/rule.ts';
import { RULE_DRAFT_STEPS } from '../../domain/rule-review.ts';
import { CHART_PRESETS } from '../state/chart-span.ts';
import { INSTALL_STEPS } from '../state/install-steps.ts';
import { JOB_KINDS } from '../state/jobs.ts';
import { CONDITION_KINDS } from '../state/rule-draft.ts';
import en from './en.json' with { type: 'json' };
import vi from './vi.json' with { type: 'json' };

type Catalogue = { readonly [key: string]: string | Catalogue };

/** `a.b.c` → text; plural forms under their common key. */
function flatten(catalogue: Catalogue, prefix = ''): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  for (const [key, value] of Object.entries(catalogue)) {
    const path = prefix + key;
    if (typeof value === 'string') {
      const common = path.replace(/_(one|other)$/, '');
      texts.set(common, [...(texts.get(common) ?? []), value]);
    } else {
      for (const [inner, all] of flatten(value, `${path}.`)) texts.set(inner, all);
    }
  }
  return texts;
}
const parametersOf = (texts: readonly string[]): string[] =>
  [...new Set(texts.flatMap((text) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] as string)))].sort();

const vietnamese = flatten(vi);
const english = flatten(en);

const folder = join(import.meta.dirname, '..');
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path) && !path.startsWith('dist'))
  .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }));
const allSource = sources.map(({ text }) => text).join('\n');

/** Keys written out, and beginnings of keys whose end is a variable: `severity.${…}` → `severity.` */
const literalKeys = new Set(
  [...allSource.matchAll(/['"`]([a-zA-Z]+(?:\.[a-zA-Z0-9_]+)+)['"`]/g)].map((m) => m[1] as string),
);
const dynamicPrefixes = new Set([...allSource.matchAll(/t\(\s*`([a-zA-Z0-9_.]+\.)\$\{/g)].map((m) => m[1] as string));

describe('the catalogues of texts', () => {
  it('have the same keys in Vietnamese and in English', () => {
    expect([...vietnamese.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it.each([...english.keys()])('have the same parameters in both languages: %s', (key) => {
    expect(parametersOf(vietnamese.get(key) ?? [])).toEqual(parametersOf(english.get(key) ?? []));
  });

  it('hold no text that nothing uses', () => {
    const unused = [...english.keys()].filter(
      (key) => !literalKeys.has(key) && ![...dynamicPrefixes].some((prefix) => key.startsWith(prefix)),
    );
    expect(unused).toEqual([]);
  });

  it('hold every text that is asked for', () => {
    const asked = [...allSource.matchAll(/\bt\(\s*'([^']+)'/g)].map((match) => match[1] as string);
    expect(asked.filter((key) => !english.has(key))).toEqual([]);
    for (const prefix of dynamicPrefixes) {
      expect(
        [...english.keys()].some((key) => key.startsWith(prefix)),
        prefix,
      ).toBe(true);
    }
  });

  it.each([
    ['severity', SEVERITIES],
    ['state', POINT_STATES],
    ['domain', DOMAINS],
    ['role', ROLES],
    ['deviceState', DEVICE_STATES],
    ['deviceStep', DEVICE_STEPS],
    ['activity', ACTIVITY_KINDS],
    ['importObstacle', IMPORT_OBSTACLES],
    ['admissionRefusal', ADMISSION_REFUSALS],
    ['check', COMMISSIONING_CHECKS],
    ['verdict', CHECK_VERDICTS],
    ['finding', FINDINGS],
    ['command', Object.keys(KNOWN_COMMANDS)],
    ['commandState', COMMAND_STATES],
    ['jobs', JOB_KINDS],
    ['installStep', INSTALL_STEPS],
    ['suppression', SUPPRESSION_KINDS],
    ['transition', TRANSITION_KINDS],
    ['quarantineCode', QUARANTINE_CODES],
    ['quality', QUALITY_KINDS.filter((kind) => kind !== 'good')],
    ['qualityReason', Object.keys(QUALITY)],
    ['work', ['new', 'acknowledged', 'in_progress', 'resolved']],
    ['condition', ['active', 'cleared']],
    ['chart.preset', CHART_PRESETS.map(({ key }) => key)],
    ['rules.kind', CONDITION_KINDS],
  ])('name every %s', (prefix, members) => {
    for (const member of members) expect([...english.keys()]).toContain(`${prefix}.${member}`);
  });

  it('say in words every step that the registry puts into the journal of steps', () => {
    const registry = join(import.meta.dirname, '../../adapters/registry/sql');
    const text = readdirSync(registry)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => readFileSync(join(registry, name), 'utf8'))
      .join('\n');
    const written = [...text.matchAll(/(?:audit|write)\(\s*[^'`;]{1,60},\s*'([a-z_]+(?:\.[a-z_]+)+)',/g)].map(
      (m) => m[1],
    );
    const stepped = [
      ...DEVICE_STEPS.map((step) => `device.${step}`),
      ...ROLLOUT_STEPS.map((step) => `firmware.rollout_${step}`),
      ...RULE_DRAFT_STEPS.map((step) => `rule.draft.${step}`),
    ];
    expect(written.length).toBeGreaterThan(80);
    const actions = [...new Set([...written, ...stepped])];
    expect(actions.filter((action) => !english.has(`audit.action.${action}`))).toEqual([]);
  });

  it.each([
    ['vi', vietnamese],
    ['en', english],
  ])('speak calmly in %s: no exclamation marks, no spaces at the ends', (_language, texts) => {
    for (const text of [...texts.values()].flat()) {
      expect(text).not.toMatch(/[!！]/);
      expect(text).toBe(text.trim());
      expect(text).toBe(text.normalize('NFC'));
    }
  });

  it('are the only place with words: no text for people stands between tags', () => {
    const offenders = sources
      .filter(({ path }) => path.endsWith('.tsx'))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/>\s*([A-ZÀ-Ỹ][\p{L}]+(?: [\p{L}]+)*)\s*<\//gu)]
          .map((match) => match[1] as string)
          .filter((word) => word !== 'Hải Đăng')
          .map((word) => `${path}: ${word}`),
      );
    expect(offenders).toEqual([]);
  });
});
