import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { IMAGE_SHA256_PATTERN, type ImageSha256 } from '../../domain/firmware/firmware-image.ts';
import { type FirmwareFiles, FirmwareFilesError } from '../../domain/ports/firmware.ts';

export interface FirmwareFolderOptions {
  readonly path: string;
  /** Of one image; a larger one is refused with TOO_LARGE. */
  readonly maximumImageBytes: number;
  /** Of all images together, those being received included; beyond it images are refused with FULL. */
  readonly capacityBytes: number;
}

/** Names of files that are not whole yet: what a kill left of them is removed at the next start. */
const UNFINISHED = '.part';

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Images as files of a folder, each named by the SHA-256 of what it holds. */
export function openFirmwareFolder({ path, maximumImageBytes, capacityBytes }: FirmwareFolderOptions): FirmwareFiles {
  mkdirSync(path, { recursive: true });
  const sizes = new Map<string, number>();
  for (const name of readdirSync(path)) {
    if (name.endsWith(UNFINISHED)) rmSync(join(path, name), { force: true });
    else if (IMAGE_SHA256_PATTERN.test(name)) sizes.set(name, statSync(join(path, name)).size);
  }
  let kept = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  /** On disk under no name yet. */
  let unfinished = 0;
  const fileOf = (sha256: ImageSha256): string => {
    if (!IMAGE_SHA256_PATTERN.test(sha256)) throw new RangeError(`no checksum of an image: ${sha256}`);
    return join(path, sha256);
  };

  /** Writes what comes, within the bounds; gives checksum and size. */
  async function write(bytes: AsyncIterable<Uint8Array>, handle: FileHandle, grown: (by: number) => void) {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    for await (const chunk of bytes) {
      sizeBytes += chunk.length;
      grown(chunk.length);
      if (sizeBytes > maximumImageBytes) throw new FirmwareFilesError('TOO_LARGE', maximumImageBytes);
      if (kept + unfinished > capacityBytes) throw new FirmwareFilesError('FULL', capacityBytes);
      hash.update(chunk);
      await handle.write(chunk);
    }
    await handle.sync();
    return { sha256: hash.digest('hex') as ImageSha256, sizeBytes };
  }

  return {
    async receive(bytes) {
      const part = join(path, `${randomUUID()}${UNFINISHED}`);
      const handle = await open(part, 'wx');
      let held = 0;
      const discard = async (): Promise<void> => {
        unfinished -= held;
        held = 0;
        await rm(part, { force: true });
      };
      const grown = (by: number): void => {
        held += by;
        unfinished += by;
      };
      try {
        const received = await write(bytes, handle, grown).finally(() => handle.close());
        return {
          ...received,
          discard,
          async keep() {
            await rename(part, fileOf(received.sha256));
            await syncFolder(path);
            unfinished -= held;
            held = 0;
            if (!sizes.has(received.sha256)) kept += received.sizeBytes;
            sizes.set(received.sha256, received.sizeBytes);
          },
        };
      } catch (error) {
        await discard();
        // A disk that is full says so in its own words.
        if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new FirmwareFilesError('FULL', capacityBytes);
        throw error;
      }
    },
    async read(sha256, start, end) {
      const file = fileOf(sha256);
      if (!sizes.has(sha256)) {
        // Another process that shares the folder may have received it.
        const size = await stat(file).then(
          (found) => found.size,
          () => null,
        );
        if (size === null) return null;
        if (!sizes.has(sha256)) kept += size;
        sizes.set(sha256, size);
      }
      return createReadStream(file, { start, end, highWaterMark: 65_536 });
    },
    async remove(sha256) {
      const size = sizes.get(sha256);
      if (size === undefined) return;
      sizes.delete(sha256);
      kept -= size;
      await rm(fileOf(sha256), { force: true });
    },
    status: () => ({ bytes: kept + unfinished, capacityBytes, maximumImageBytes }),
  };
}
