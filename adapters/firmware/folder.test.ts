import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ImageSha256 } from '../../domain/firmware/firmware-image.ts';
import { openFirmwareFolder } from './folder.ts';

const newPath = () => mkdtempSync(join(tmpdir(), 'hd-firmware-'));
const openAt = (path: string) => openFirmwareFolder({ path, maximumImageBytes: 200_000, capacityBytes: 300_000 });
async function* inChunks(bytes: Uint8Array, size = 10_000) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
async function* cutOff(bytes: Uint8Array) {
  yield* inChunks(bytes);
  throw new Error('the sender went away');
}
const read = async (files: ReturnType<typeof openAt>, sha256: ImageSha256, start: number, end: number) => {
  const parts: Uint8Array[] = [];
  for await (const part of (await files.read(sha256, start, end)) ?? []) parts.push(part);
  return Buffer.concat(parts);
};

describe('a folder of firmware', () => {
  it('keeps an image under its checksum, over a restart, and reads any part of it', async () => {
    const path = newPath();
    const image = randomBytes(150_000);
    const received = await openAt(path).receive(inChunks(image));
    expect(received).toMatchObject({ sizeBytes: 150_000, sha256: createHash('sha256').update(image).digest('hex') });
    await received.keep();
    const again = openAt(path);
    expect(again.status().bytes).toBe(150_000);
    expect((await read(again, received.sha256, 0, 149_999)).equals(image)).toBe(true);
    expect((await read(again, received.sha256, 70_001, 70_005)).equals(image.subarray(70_001, 70_006))).toBe(true);
    await again.remove(received.sha256);
    expect(again.status().bytes).toBe(0);
    expect(await again.read(received.sha256, 0, 1)).toBeNull();
  });

  it('reads what another process has received into the same folder since', async () => {
    const path = newPath();
    const [here, there] = [openAt(path), openAt(path)];
    const image = randomBytes(1_000);
    const { sha256, keep } = await there.receive(inChunks(image));
    expect(await here.read(sha256, 0, 999)).toBeNull();
    await keep();
    expect((await read(here, sha256, 0, 999)).equals(image)).toBe(true);
    expect(here.status().bytes).toBe(1_000);
  });

  it('keeps the same image once', async () => {
    const files = openAt(newPath());
    const image = randomBytes(100_000);
    for (let i = 0; i < 2; i++) await (await files.receive(inChunks(image))).keep();
    expect(files.status().bytes).toBe(100_000);
  });

  it('refuses what is too large, or more than there is room for, and leaves nothing of it behind', async () => {
    const path = newPath();
    const files = openAt(path);
    await expect(files.receive(inChunks(randomBytes(200_001)))).rejects.toMatchObject({
      code: 'TOO_LARGE',
      limitBytes: 200_000,
    });
    await (await files.receive(inChunks(randomBytes(190_000)))).keep();
    // Those on their way count, too: two at once can't go beyond the bound together.
    const held = await files.receive(inChunks(randomBytes(100_000)));
    await expect(files.receive(inChunks(randomBytes(20_000)))).rejects.toMatchObject({
      code: 'FULL',
      limitBytes: 300_000,
    });
    await held.discard();
    await (await files.receive(inChunks(randomBytes(20_000)))).keep();
    expect(files.status().bytes).toBe(210_000);
    expect(readdirSync(path)).toHaveLength(2);
  });

  it('has nothing of an upload that broke off, nor of one that a kill cut short', async () => {
    const path = newPath();
    await expect(openAt(path).receive(cutOff(randomBytes(50_000)))).rejects.toThrow('went away');
    expect(readdirSync(path)).toEqual([]);
    writeFileSync(join(path, 'abc.part'), randomBytes(50_000));
    expect(openAt(path).status().bytes).toBe(0);
    expect(readdirSync(path)).toEqual([]);
  });

  it('makes no path of anything but a checksum', async () => {
    await expect(openAt(newPath()).read('../registry.sqlite' as ImageSha256, 0, 1)).rejects.toThrow(RangeError);
  });
});
