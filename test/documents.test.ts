import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROUTES } from '../api/contract/routes.ts';
import { SETTING_VARIABLES } from '../config/settings.ts';
import manifest from '../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const DOCUMENTS = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })];
const SOURCES = globSync('{api,ingest,adapters}/**/*.ts', { cwd: ROOT, exclude: (path) => path.endsWith('.test.ts') });

/** Names that are not settings of the platform: what names the settings file. */
const OTHER_VARIABLES = new Set(['HD_SETTINGS']);

const wordsIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((match) => match[1] ?? match[0]);

describe.each(DOCUMENTS)('%s', (path) => {
  const text = read(path);

  it('names no setting that does not exist', () => {
    const unknown = wordsIn(text, /\bHD_[A-Z_]*[A-Z]\b/g).filter(
      (name) =>
        !SETTING_VARIABLES.has(name) &&
        !SETTING_VARIABLES.has(name.replace(/_FILE$/, '')) &&
        !OTHER_VARIABLES.has(name),
    );
    expect(unknown).toEqual([]);
  });

  it('names no command that does not exist', () => {
    const scripts = wordsIn(text, /npm run (?:--silent )?([\w:]+)/g);
    expect(scripts.filter((script) => !(script in manifest.scripts))).toEqual([]);
  });

  it('links to nothing that is not there', () => {
    const targets = wordsIn(text, /\]\(([^)#]+)(?:#[^)]*)?\)/g).filter((target) => !/^\w+:/.test(target));
    expect(targets.filter((target) => !existsSync(join(ROOT, dirname(path), target)))).toEqual([]);
  });

  it('names no file or folder of the project that is not there', () => {
    const named = wordsIn(
      text,
      /`((?:adapters|api|config|dashboard|domain|firmware-sim|ingest|test|bench)\/[\w./-]*)`/g,
    );
    expect(named.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  });

  it('names no metric that does not exist', () => {
    const metrics = wordsIn(text, /\bhd_(?!cursor\b)[a-z]+_[a-z_]+\b/g);
    if (metrics.length === 0) return;
    const code = [...SOURCES, 'main-base.ts', 'main-metrics.ts'].map(read).join('\n');
    expect(metrics.filter((name) => !code.includes(name))).toEqual([]);
  });

  it('names no route that does not exist', () => {
    const shapeOf = (route: string): string => route.replaceAll(/\{[^}]+\}/g, '{}');
    const known = new Set(Object.keys(ROUTES).map(shapeOf));
    const named = wordsIn(text, /((?:GET|POST|PUT|DELETE) \/api\/v1\/[^\s`]+)/g);
    expect(named.filter((route) => !known.has(shapeOf(route.replace('/api/v1', ''))))).toEqual([]);
  });
});
