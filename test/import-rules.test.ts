import { describe, expect, it } from 'vitest';
import { brokenImportRules, importProblem } from './import-rules.ts';

describe('import rules between folders', () => {
  it('hold everywhere in the project', () => expect(brokenImportRules()).toEqual([]));

  it.each([
    { from: 'domain/alarm.ts', target: '../config/settings.ts', type: true },
    { from: 'domain/alarm.ts', target: 'zod', type: false },
    { from: 'ingest/pipeline.ts', target: '../adapters/journal/lmdb.ts', type: true },
    { from: 'dashboard/app.tsx', target: '../api/contract/live.ts', type: false },
    { from: 'api/rest/points.ts', target: '../../ingest/pipeline.ts', type: true },
  ])('refuse $target from $from', ({ from, target, type }) => expect(importProblem(from, target, type)).not.toBeNull());

  it.each([
    { from: 'domain/alarm.ts', target: './rule.ts', type: false },
    { from: 'ingest/pipeline.ts', target: '../domain/reading.ts', type: false },
    { from: 'dashboard/app.tsx', target: '../api/contract/live.ts', type: true },
    { from: 'api/rest/points.ts', target: 'express', type: false },
  ])('allow $target from $from', ({ from, target, type }) => expect(importProblem(from, target, type)).toBeNull());
});
