import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { PhotoId } from '../../domain/commissioning.ts';
import type { PhotoFiles } from '../../domain/ports/commissioning.ts';

/** Ids are lower-case hex: nothing else becomes a path. */
const ID = /^[0-9a-f]{64}$/;

/** Pictures as files of a folder, named by what they hold, in 256 folders below it. */
export function openPhotoFolder(path: string): PhotoFiles {
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
  return {
    read,
    async keep(id, bytes) {
      if (await read(id)) return;
      const { folder, file } = placeOf(id);
      await mkdir(folder, { recursive: true });
      // Under another name until it is whole: a kill in between leaves no half picture.
      const unfinished = `${file}.${process.pid}.${performance.now()}`;
      const handle = await open(unfinished, 'w');
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(unfinished, file);
      // The name, too, is to survive a power cut.
      const directory = await open(folder, 'r');
      try {
        await directory.sync();
      } finally {
        await directory.close();
      }
    },
  };
}
