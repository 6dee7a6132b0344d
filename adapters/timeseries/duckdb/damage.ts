/** What an error of DuckDB says about the store. */
export type Trouble =
  /** A file's bytes are not what was written. */
  | 'damaged'
  /** The instance refuses everything until it is opened again. */
  | 'invalidated'
  | 'other';

const DAMAGED =
  /corrupt|checksum|could not read enough bytes|not a valid duckdb database|serialization error|failed to deserialize|truncated|failure while replaying wal|file has no|INTERNAL Error/i;
const INVALIDATED = /database has been invalidated|FATAL Error/i;

export function troubleOf(error: unknown): Trouble {
  const message = String((error as Error | undefined)?.message ?? error);
  if (INVALIDATED.test(message)) return 'invalidated';
  return DAMAGED.test(message) ? 'damaged' : 'other';
}
