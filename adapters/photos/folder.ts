import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PhotoId } from '../../domain/commissioning.ts';
import type { PhotoFiles } from '../../domain/ports/commissioning.ts';

/** Ids are lower-case hex: nothing else becomes a path. */
const ID = /^[0-9a-f]{64}$/;

export interface PhotoFolderOptions {
  readonly path: string;
  /** Bytes of all pictures together; one that doesn't fit any more is refused, and nothing is removed for it. */
  readonly capacityBytes: number;
}

/** Pictures as files of a folder, named by what they hold, in 256 folders below it. */
export async function openPhotoFolder({ path, capacityBytes }: PhotoFolderOptions): Promise<PhotoFiles> {
  let bytes = await bytesIn(path);
  let refused = 0;
  /** Being written: the same picture twice at once is written once. */
  const writing = new Map<PhotoId, Promise<boolean>>();
  const placeOf = (id: PhotoId): { readonly folder: string; readonly file: string } => {
    if (!ID.test(id)) throw new RangeError(`no id of a picture: ${id}`);
    const folder = join(path, id.slice(0, 2));
    return { folder, file: join(folder, `${id}.jpg`) };
  };
  const read = async (id: PhotoId): Promise<Uint8Array | undefined> => {
    try {
      return await readFile(placeOf(id).file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  };

  async function write(id: PhotoId, picture: Uint8Array): Promise<boolean> {
    if (await read(id)) return true;
    if (bytes + picture.length > capacityBytes) {
      refused++;
      return false;
    }
    // Taken before it is written: two at once don't fill the same room.
    bytes += picture.length;
    const { folder, file } = placeOf(id);
    // Under another name until it is whole: a kill in between leaves no half picture.
    const unfinished = `${file}.${process.pid}.${performance.now()}`;
    try {
      await mkdir(folder, { recursive: true });
      await writeSynced(unfinished, picture);
      await rename(unfinished, file);
      await syncFolder(folder);
      return true;
    } catch (error) {
      bytes -= picture.length;
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  return {
    read,
    keep(id, picture) {
      const running = writing.get(id) ?? write(id, picture).finally(() => writing.delete(id));
      writing.set(id, running);
      return running;
    },
    status: () => ({ bytes, capacityBytes, refused }),
  };
}

async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
/** The name, too, is to survive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** What lies below a folder, half-written files of a killed process included; 0 for a folder that isn't there. */
async function bytesIn(path: string): Promise<number> {
  let total = 0;
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  for (const entry of entries) if (entry.isFile()) total += (await stat(join(entry.parentPath, entry.name))).size;
  return total;
}
