/** What keeps a city from moving, and what to do about it. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}
