import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StaticFolder } from '../ports.ts';

const BUILD = /<meta name="hd-build" content="([\w-]{1,64})"/;

/** Tells which build of the dashboard is served: what `index.html` says of itself, read again when the file changes. Empty when there is none. */
export function createPageBuild(folders: readonly StaticFolder[]): () => Promise<string> {
  const folder = folders.find(({ singlePage }) => singlePage)?.folder;
  let known = { changedAt: Number.NaN, build: '' };
  return async () => {
    if (folder === undefined) return '';
    const path = join(folder, 'index.html');
    try {
      const { mtimeMs } = await stat(path);
      if (mtimeMs !== known.changedAt)
        known = { changedAt: mtimeMs, build: BUILD.exec(await readFile(path, 'utf8'))?.[1] ?? '' };
      return known.build;
    } catch {
      // In the middle of an upgrade the file may be gone for a moment: then nothing is known, and no screen reloads.
      return '';
    }
  };
}
