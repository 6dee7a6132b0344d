import type { Localized } from '../../domain/localized.ts';

/** What was looked at, what was found, and what to do when it is not right. */
export interface Finding {
  /** Stable name, for `--json`. */
  readonly check: string;
  /** `warning`: it runs, but not for long, or not well; `problem`: it doesn't start, or loses what it should keep. */
  readonly verdict: 'ok' | 'warning' | 'problem';
  readonly text: Localized;
}

export const ok = (check: string, en: string, vi: string): Finding => ({ check, verdict: 'ok', text: { vi, en } });
export const warning = (check: string, en: string, vi: string): Finding => ({
  check,
  verdict: 'warning',
  text: { vi, en },
});
export const problem = (check: string, en: string, vi: string): Finding => ({
  check,
  verdict: 'problem',
  text: { vi, en },
});
