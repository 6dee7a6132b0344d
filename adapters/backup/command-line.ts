import { Presets, SingleBar } from 'cli-progress';
import { SettingsError } from '../../config/settings.ts';
import type { Language } from '../../domain/localized.ts';
import { BackupError } from './manifest.ts';

/** `vi` when `--lang vi` or the terminal says so, else English. */
export function languageOf(given: string | undefined): Language {
  if (given === 'vi' || given === 'en') return given;
  if (given !== undefined) throw new UsageError(`--lang: "${given}" (vi, en)`);
  return process.env['LANG']?.startsWith('vi') === true ? 'vi' : 'en';
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Bar {
  at(done: number, total: number): void;
  /** Everything is done: to the end of the bar, whatever was expected. */
  done(): void;
  end(): void;
}

/** A bar on a terminal; a line every few seconds elsewhere. On stderr. */
export function progressBar(): Bar {
  const bar = new SingleBar(
    {
      format: '{bar} {percentage}% | {value}/{total} MB | {duration_formatted} | ETA {eta_formatted}',
      noTTYOutput: !process.stderr.isTTY,
      notTTYSchedule: 5_000,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  let started = false;
  let last = 0;
  const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
  return {
    at(done, total) {
      if (!started) bar.start(megabytes(total), 0);
      started = true;
      last = megabytes(total);
      bar.update(megabytes(done));
    },
    done() {
      if (started) bar.update(last);
      bar.stop();
    },
    end: () => bar.stop(),
  };
}

/** Errors whose words say what to do. */
const SPEAKING = new Set([
  'MigrationError',
  'RegistryUnavailableError',
  'StoreUnavailableError',
  'JournalUnavailableError',
]);

/** Runs a command's work: what a person can mend is said in a line, with exit code 1 (2 for what was typed); a mistake of ours is shown whole. */
export async function runCommand(usage: Readonly<Record<Language, string>>, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.exitCode = 1;
    const known =
      error instanceof BackupError ||
      error instanceof SettingsError ||
      SPEAKING.has((error as Error | null)?.name ?? '');
    if (error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true) {
      console.error(`${(error as Error).message}\n\n${usage[languageOf(undefined)]}`);
      process.exitCode = 2;
    } else if (known || (error as NodeJS.ErrnoException).path !== undefined)
      console.error(`✗ ${(error as Error).message}`);
    else throw error;
  }
}
