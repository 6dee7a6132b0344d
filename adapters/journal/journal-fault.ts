/** What whoever opened a journal is told, once when a lasting fault begins and once when it ends. */
export type JournalFault =
  | { readonly kind: 'entry_damaged'; readonly sequence: number; readonly reason: string }
  /** The file is at `movedTo`; `entriesSaved` whole entries that could be found in it are in the new one. */
  | { readonly kind: 'file_damaged'; readonly movedTo: string; readonly reason: string; readonly entriesSaved: number }
  | {
      readonly kind: 'unavailable';
      readonly reason: 'FULL' | 'DISK_FAILING' | 'UNREACHABLE';
      readonly error: unknown;
    }
  | { readonly kind: 'recovered' };
