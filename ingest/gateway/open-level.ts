import { cpSync, existsSync, rmSync } from 'node:fs';
import { ClassicLevel } from 'classic-level';

/**
 * Opens the broker's own store: retained messages, sessions, wills. When it is damaged a copy is set aside, and what LevelDB's repair can save is opened;
 * that loses none of what was acknowledged, which is in the journal.
 * @throws when another process has it, or it can't be made.
 */
export async function openLevel(
  path: string,
  onDamaged: (movedTo: string, reason: string) => void,
): Promise<ClassicLevel> {
  const existed = existsSync(path);
  try {
    return await openAndRead(path);
  } catch (error) {
    const { code, cause } = error as { code?: string; cause?: { code?: string; message?: string } };
    if (!existed || ![code, cause?.code].some((known) => known === 'LEVEL_CORRUPTION' || known === 'LEVEL_IO_ERROR'))
      throw error;
    let aside = `${path}.damaged`;
    for (let i = 2; existsSync(aside); i++) aside = `${path}.damaged-${i}`;
    cpSync(path, aside, { recursive: true });
    onDamaged(aside, cause?.message ?? (error as Error).message);
    try {
      await ClassicLevel.repair(path);
      return await openAndRead(path);
    } catch {
      // Beyond repair: devices subscribe again, and retained messages come back when they are next published.
      rmSync(path, { recursive: true, force: true });
      return openAndRead(path);
    }
  }
}

/** Opened, and every entry read once: blocks show their damage only then. */
async function openAndRead(path: string): Promise<ClassicLevel> {
  const level = new ClassicLevel(path);
  try {
    await level.open();
    for await (const _ of level.iterator());
    return level;
  } catch (error) {
    await level.close().catch(() => {});
    throw error;
  }
}

/** Entries written to a copy at once. */
const COPIED_AT_ONCE = 1_000;

/** Copies all of `level`, as it is at one moment, into a new database at `target`, while it is in use. */
export async function copyLevel(level: ClassicLevel, target: string): Promise<void> {
  const asBytes = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const;
  const copy = new ClassicLevel<Buffer, Buffer>(target, { ...asBytes, errorIfExists: true });
  await copy.open();
  try {
    // An iterator reads the snapshot that is taken when it is made.
    const iterator = level.iterator<Buffer, Buffer>(asBytes);
    try {
      for (;;) {
        const entries = await iterator.nextv(COPIED_AT_ONCE);
        if (entries.length === 0) break;
        await copy.batch(
          entries.map(([key, value]) => ({ type: 'put', key, value })),
          { sync: true },
        );
      }
    } finally {
      await iterator.close();
    }
  } finally {
    await copy.close();
  }
}
