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
    const photos = openPhotoFolder(path);
    const bytes = Uint8Array.from([1, 2, 3]);
    await Promise.all([photos.keep(ID, bytes), photos.keep(ID, bytes)]);
    expect(Uint8Array.from((await openPhotoFolder(path).read(ID)) ?? [])).toEqual(bytes);
    expect(readdirSync(join(path, 'ab'))).toEqual([`${ID}.jpg`]);
  });

  it('knows nothing of pictures it was never given', async () => {
    expect(await openPhotoFolder(place()).read(ID)).toBeUndefined();
  });

  it('makes no path of anything but an id', async () => {
    await expect(openPhotoFolder(place()).read('../../etc/passwd' as PhotoId)).rejects.toThrow(RangeError);
  });
});
