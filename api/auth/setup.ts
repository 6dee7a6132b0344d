import type { Registry } from '../../domain/ports/registry.ts';
import { newSecret, type RandomBytes, sha256Hex } from './secrets.ts';

/**
 * The one-time link of this server, while nobody can sign in. The registry knows the secrets of all servers by their hashes: each is good at any of them, and one of
 * them once.
 */
export class SetupLink {
  readonly #identity: Registry['identity'];
  #secret: string | null = null;

  constructor({ identity }: Pick<Registry, 'identity'>) {
    this.#identity = identity;
  }

  async open(randomBytes: RandomBytes): Promise<void> {
    const secret = newSecret(randomBytes);
    await this.#identity.openSetup(sha256Hex(secret));
    this.#secret = secret;
  }
  async isOpen(): Promise<boolean> {
    return this.#secret !== null && (await this.#identity.isEmpty());
  }
  /** Path of the page that asks for the first administrator; behind `#` the secret reaches no log on the way. */
  get path(): string | null {
    return this.#secret === null ? null : `/setup#${this.#secret}`;
  }
  /** Takes all links out of use when the token is that of one, so that two at once can't both have it. */
  async redeem(token: string): Promise<boolean> {
    if (!(await this.#identity.redeemSetup(sha256Hex(token)))) return false;
    this.#secret = null;
    return true;
  }
  /** Puts a redeemed token back when what it was redeemed for failed. */
  async reopen(token: string): Promise<void> {
    await this.#identity.openSetup(sha256Hex(token));
    this.#secret = token;
  }
}
