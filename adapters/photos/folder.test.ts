import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PhotoId } from '../../domain/commissioning.ts';
import { openPhotoFolder } from './folder.ts';

const ID = 'ab'.repeat(32) as PhotoId;
const place = () => mkdtempSync(join(tmpdir(), 'hd-photos-'));

describe('the folder of pictures', () => {
  it('gives back what it keeps, and leaves nothing half written', async () => {
    const path = place();
    const photos = await openPhotoFolder({ path, capacityBytes: 100 });
    const bytes = Uint8Array.from([1, 2, 3]);
    await Promise.all([photos.keep(ID, bytes), photos.keep(ID, bytes)]);
    expect(Uint8Array.from((await (await openPhotoFolder({ path, capacityBytes: 100 })).read(ID)) ?? [])).toEqual(
      bytes,
    );
    expect(readdirSync(join(path, 'ab'))).toEqual([`${ID}.jpg`]);
  });

  it('knows nothing of pictures it was never given', async () => {
    expect(await (await openPhotoFolder({ path: place(), capacityBytes: 100 })).read(ID)).toBeUndefined();
  });

  it('makes no path of anything but an id', async () => {
    await expect(
      (await openPhotoFolder({ path: place(), capacityBytes: 100 })).read('../../etc/passwd' as PhotoId),
    ).rejects.toThrow(RangeError);
  });

  it('refuses a picture beyond its bytes, keeps those it has, and knows after a restart how full it is', async () => {
    const path = place();
    const photos = await openPhotoFolder({ path, capacityBytes: 100 });
    const [other, third] = ['cd'.repeat(32) as PhotoId, 'ef'.repeat(32) as PhotoId];
    // Two that fit singly don't fit together, at once or one after the other.
    const kept = await Promise.all([photos.keep(ID, new Uint8Array(60)), photos.keep(other, new Uint8Array(60))]);
    expect(kept.toSorted()).toEqual([false, true]);
    const again = await openPhotoFolder({ path, capacityBytes: 100 });
    expect(again.status()).toEqual({ bytes: 60, capacityBytes: 100, refused: 0 });
    expect(await again.keep(third, new Uint8Array(41))).toBe(false);
    expect(await again.keep(third, new Uint8Array(40))).toBe(true);
    expect(again.status()).toEqual({ bytes: 100, capacityBytes: 100, refused: 1 });
    // What is there already needs no more room.
    expect(await again.keep(third, new Uint8Array(40))).toBe(true);
  });
});
