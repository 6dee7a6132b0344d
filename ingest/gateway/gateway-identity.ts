import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { GatewayName } from '../../domain/ports/quarantine.ts';

export interface GatewayIdentityOptions {
  /** Folder of what the gateway holds: its identity goes where that goes, into a backup and out of it. */
  readonly folder: string;
  readonly name: string | undefined;
  readonly newId: () => string;
}

/** Who this gateway is: an id given once, and what people call it. */
export function gatewayIdentity({ folder, name, newId }: GatewayIdentityOptions): GatewayName {
  const file = join(folder, 'gateway-id');
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.new`, newId(), { flush: true });
    renameSync(`${file}.new`, file);
  }
  return { id: readFileSync(file, 'utf8').trim() as GatewayName['id'], name: name ?? hostname() };
}
