import { newSecret, type RandomBytes, sameSecret } from './secrets.ts';

/** The one-time link's secret: exists while the platform has no user, and is good once. */
export class SetupToken {
  #secret: string | null = null;

  open(randomBytes: RandomBytes): void {
    this.#secret = newSecret(randomBytes);
  }
  close(): void {
    this.#secret = null;
  }
  get isOpen(): boolean {
    return this.#secret !== null;
  }
  /** Path of the page that asks for the first administrator; behind `#` the secret reaches no log on the way. */
  get path(): string | null {
    return this.#secret === null ? null : `/setup#${this.#secret}`;
  }
  /** Takes the token out of use when it is right, so that two at once can't both have it. */
  redeem(token: string): boolean {
    if (this.#secret === null || !sameSecret(token, this.#secret)) return false;
    this.#secret = null;
    return true;
  }
  /** Puts a redeemed token back when what it was redeemed for failed. */
  reopen(token: string): void {
    this.#secret ??= token;
  }
}
