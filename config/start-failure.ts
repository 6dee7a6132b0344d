import { SettingsError } from './settings.ts';

/** Facts that Node and the engines put on their errors. */
interface Fault {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly syscall?: unknown;
  readonly path?: unknown;
  readonly name?: unknown;
  readonly cause?: unknown;
}

const SPEAKING = new Set(['RegistryDamagedError', 'RegistryMismatchError', 'RegistryUnavailableError']);
const LOCKED = /could not set lock|conflicting lock/i;

/** What a person can do about a start that failed, or `null` when it is not known: then the whole error is worth showing. */
export function startFailure(error: unknown): string | null {
  if (error instanceof SettingsError) return error.message;
  const { code, message: given, syscall, path, name, cause } = error as Fault;
  const message = String(given);
  // Its words already say what to do.
  if (SPEAKING.has(String(name))) return message;
  if (code === 'EADDRINUSE')
    return `${message}. Another program uses the port: stop it, or set HD_HTTP_PORT, HD_MQTT_PORT or HD_MQTT_TLS_PORT.`;
  if (code === 'EADDRNOTAVAIL')
    return `${message}. This machine has no such address: set HD_HTTP_HOST or HD_MQTT_HOST to one of its own, or to "::" for all.`;
  if (syscall === 'listen' && code === 'EACCES')
    return `${message}. Ports below 1024 need a right of their own: use a higher one behind a reverse proxy.`;
  if (code === 'LEVEL_LOCKED' || LOCKED.test(message))
    return `${message}. Another platform runs on this data directory: stop it, or set HD_DATA_DIRECTORY.`;
  if (['EACCES', 'EROFS', 'ENOSPC', 'EPERM', 'ENOENT', 'ENOTDIR'].includes(String(code)) && typeof path === 'string')
    return `${message}. Check that the path exists, that this user may use it, and that its disk has room.`;
  return cause === undefined || cause === null ? null : startFailure(cause);
}
