import { hash, verify } from '@node-rs/argon2';

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. The package's default algorithm is argon2id. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** PHC string of the password. */
export const hashPassword = (password: string): Promise<string> => hash(password, OPTIONS);

let nobodysHash: Promise<string> | undefined;

/**
 * True when the password is the one hashed. Without a hash (unknown name, account without password) as much work is done and
 * false is returned, so that the time of the answer tells no names.
 */
export async function verifyPassword(passwordHash: string | null | undefined, password: string): Promise<boolean> {
  if (passwordHash === null || passwordHash === undefined) {
    nobodysHash ??= hashPassword('no account has this password');
    await verify(await nobodysHash, password, OPTIONS);
    return false;
  }
  return verify(passwordHash, password, OPTIONS);
}
