import { PROCESS_ROLES, type ProcessRole } from '../domain/process-counters.ts';
import { type Settings, SettingsError } from './settings.ts';

const isRole = (word: string): word is ProcessRole => (PROCESS_ROLES as readonly string[]).includes(word);

/**
 * What this process does; `null`: everything, alone.
 * @throws {SettingsError} when the roles mean nothing, or the engines can't be shared by several processes.
 */
export function rolesOf({ roles, journal, bus, registry, store }: Settings): ReadonlySet<ProcessRole> | null {
  if (roles === 'all') return null;
  const words = roles.split(',').map((word) => word.trim());
  const unknown = words.filter((word) => !isRole(word));
  if (unknown.length > 0)
    throw new SettingsError(`roles: "${unknown.join('", "')}" is none: all, or some of ${PROCESS_ROLES.join(', ')}`);
  const wanted = [
    ...(journal.engine === 'nats' ? [] : ['HD_JOURNAL_ENGINE=nats']),
    ...(bus.engine === 'nats' ? [] : ['HD_BUS_ENGINE=nats']),
    ...(registry.engine === 'postgres' ? [] : ['HD_REGISTRY_ENGINE=postgres']),
    ...(store.engine === 'influxdb' ? [] : ['HD_STORE_ENGINE=influxdb']),
  ];
  if (wanted.length > 0)
    throw new SettingsError(
      `roles: a process that is only ${words.join(' and ')} shares its engines with others, which those in a data directory cannot be: set ${wanted.join(', ')}, or HD_ROLES=all.`,
    );
  return new Set(words.filter(isRole));
}
