import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../domain/localized.ts';
import { RegistryError, RegistryUnavailableError } from '../domain/ports/registry.ts';
import { StoreUnavailableError } from '../domain/ports/time-series-store.ts';
import { PROBLEM_CODES, problem } from './contract/problem.ts';
import { ApiError, expectedError, HTTP_STATUS, problemOf } from './errors.ts';
import { REFUSAL_TEXTS } from './problem-texts.ts';

describe('problems', () => {
  it.each(PROBLEM_CODES)('%s has a status of its own kind and words in both languages', (code) => {
    expect(HTTP_STATUS[code]).toBeGreaterThanOrEqual(400);
    const [vi, en] = LANGUAGES.map((language) => problemOf(new ApiError(code), language, '/x'));
    expect(problem.parse(vi)).toEqual(vi);
    expect(vi?.title).not.toBe(en?.title);
    expect(vi?.detail).not.toBe(en?.detail);
  });

  it('know what the ports’ refusals mean, and leave surprises as they are', () => {
    expect(expectedError(new RegistryError('CONFLICT', { id: 'x' }))).toMatchObject({
      code: 'VERSION_STALE',
      params: { id: 'x' },
    });
    expect(expectedError(new StoreUnavailableError('away'))?.code).toBe('STORE_UNAVAILABLE');
    expect(expectedError(new RegistryUnavailableError('away'))?.code).toBe('REGISTRY_UNAVAILABLE');
    expect(expectedError(new TypeError('bug'))).toBeUndefined();
  });

  it('fill their words with what they are about', () => {
    const { detail } = problemOf(new ApiError('QUERY_TOO_LARGE', { asked: 7, limit: 5 }), 'vi');
    expect(detail).toContain('7 kết quả, tối đa 5');
  });

  it('have both languages for every refusal', () => {
    for (const { vi, en } of Object.values(REFUSAL_TEXTS)) expect(vi.length * en.length).toBeGreaterThan(0);
  });
});
