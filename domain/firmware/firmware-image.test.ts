import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceModelId } from '../identifiers.ts';
import { epochMs } from '../time.ts';
import {
  compareVersions,
  FIRMWARE_VERSION_PATTERN,
  firmwareManifest,
  type ImageSha256,
  maySign,
} from './firmware-image.ts';

const MODEL = 'air-1' as DeviceModelId;

describe('the order of versions', () => {
  it.each([
    ['1.4.1', '1.4.2'],
    ['1.9', '1.10'],
    ['1.4.2-rc.1', '1.4.2'],
    ['1.4.2-rc.2', '1.4.2-rc.10'],
    ['1.4.2-rc', '1.4.2-rc.1'],
    ['1.4.2-1', '1.4.2-beta'],
    ['v1.4.2', '1.5'],
  ])('%s is older than %s', (older, newer) => {
    expect(compareVersions(older, newer)).toBeLessThan(0);
    expect(compareVersions(newer, older)).toBeGreaterThan(0);
  });
  it('takes absent numbers for 0', () => expect(compareVersions('2', '2.0.0')).toBe(0));
  it('does not guess at versions in words of their own', () => {
    expect(compareVersions('build of spring', '1.4.2')).toBeNull();
    expect(compareVersions('build of spring', 'build of spring')).toBe(0);
  });

  const version = fc
    .tuple(
      fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }),
      fc.option(fc.constantFrom('rc', 'rc.1', 'rc.2', '1', 'beta')),
    )
    .map(([numbers, word]) => numbers.join('.') + (word === null ? '' : `-${word}`));
  it('is an order: of three, whichever way they come', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        const order = (x: string, y: string) => Math.sign(compareVersions(x, y) ?? Number.NaN);
        expect(order(a, b) + order(b, a)).toBe(0);
        if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('the manifest that is signed', () => {
  it('reads as it is written down', () => {
    const sha256 = 'ab'.repeat(32) as ImageSha256;
    expect(firmwareManifest({ modelId: MODEL, version: '1.5.0', sizeBytes: 12, sha256 })).toBe(
      `hai-dang-firmware/1\nmodel=air-1\nversion=1.5.0\nsize=12\nsha256=${sha256}\n`,
    );
  });
  it('can’t be said in two ways: no version holds a line of its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        if (FIRMWARE_VERSION_PATTERN.test(text)) expect(text).toMatch(/^[0-9A-Za-z.-]{1,32}$/);
      }),
    );
    expect(FIRMWARE_VERSION_PATTERN.test('1.0\nsize=9')).toBe(false);
    expect(FIRMWARE_VERSION_PATTERN.test('1.0\n')).toBe(false);
  });
});

describe('a key', () => {
  it('signs for its models, for all when it names none, and for nothing once revoked', () => {
    expect(maySign({ modelIds: [], revokedAt: null }, MODEL)).toBe(true);
    expect(maySign({ modelIds: [MODEL], revokedAt: null }, MODEL)).toBe(true);
    expect(maySign({ modelIds: ['meter' as DeviceModelId], revokedAt: null }, MODEL)).toBe(false);
    expect(maySign({ modelIds: [], revokedAt: epochMs(1) }, MODEL)).toBe(false);
  });
});
