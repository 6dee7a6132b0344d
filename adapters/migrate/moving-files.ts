import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BY_ENGINE, copyLmdb, filesBelow, GATEWAY_ID, LEFT_OUT } from '../backup/backup.ts';
import type { ControlClient } from '../backup/control-socket.ts';

/**
 * Copies what else lies in a data directory and goes on in the new one: pictures, firmware, keys, and other plain files. Those that are there already, as large
 * and as old, are not copied again.
 */
export async function copyPlainFiles(from: string, to: string): Promise<void> {
  for (const name of readdirSync(from)) {
    if (BY_ENGINE.has(name) || LEFT_OUT.has(name)) continue;
    for (const below of filesBelow(join(from, name))) await copyAsItIs(join(from, name, below), join(to, name, below));
  }
}

async function copyAsItIs(source: string, target: string): Promise<void> {
  const [is, was] = [statSync(source), statSync(target, { throwIfNoEntry: false })];
  if (was?.size === is.size && was.mtimeMs === is.mtimeMs) return;
  mkdirSync(dirname(target), { recursive: true });
  await copyFile(source, target);
  // In whole milliseconds, so that it can be told again.
  utimesSync(target, is.atimeMs / 1_000, is.mtimeMs / 1_000);
}

/** Copies what a gateway holds: quarantined messages, who it is, retained messages and sessions. The old platform has stopped. */
export async function copyGatewayState(old: ControlClient, from: string, to: string): Promise<void> {
  const quarantine = join('quarantine', 'quarantine.mdb');
  if (existsSync(join(from, quarantine))) {
    mkdirSync(join(to, 'quarantine'), { recursive: true });
    rmSync(join(to, quarantine), { force: true });
    await copyLmdb(join(from, quarantine), join(to, quarantine));
  }
  if (existsSync(join(from, GATEWAY_ID))) {
    mkdirSync(dirname(join(to, GATEWAY_ID)), { recursive: true });
    await copyFile(join(from, GATEWAY_ID), join(to, GATEWAY_ID));
  }
  rmSync(join(to, 'broker'), { recursive: true, force: true });
  await old.sessions(join(to, 'broker'));
}
