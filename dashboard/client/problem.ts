/** What the server (or the way to it) said instead of an answer. `code` is stable; `text` is already in the caller's language. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  /** HTTP status; 0 when no answer came at all. */
  readonly status: number;
  readonly code: string;
  /** The server's own words for people, or `null`. */
  readonly text: string | null;
  constructor(status: number, code: string, text: string | null) {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
    this.text = text;
  }
}
