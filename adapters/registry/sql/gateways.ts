import type { GatewayPresence } from '../../../domain/gateway.ts';
import type { GatewayLog } from '../../../domain/ports/gateways.ts';
import type { Context } from './access.ts';
import { statusOf } from './assets.ts';
import { insertStatuses, LATEST_STATUS } from './device-status.ts';
import type { Row } from './sql-database.ts';

const presenceOf = (row: Row): GatewayPresence =>
  ({
    id: row['id'],
    name: row['name'],
    state: row['state'],
    beats: row['beats'],
    ttl: row['ttl'],
    held: row['held'],
    seenAt: row['seen_at'],
  }) as GatewayPresence;

export function gatewayLog({ db }: Context): GatewayLog {
  return {
    async beat({ id, name, ttl, held }, at) {
      return db.transaction(async () => {
        const before = await db.get<{ state: GatewayPresence['state'] }>('SELECT state FROM gateways WHERE id = ?', id);
        await db.run(
          `INSERT INTO gateways (id, name, state, beats, ttl, held, seen_at) VALUES (?,?,'here',1,?,?,?) ON CONFLICT (id)
             DO UPDATE SET name = excluded.name, state = 'here', beats = gateways.beats + 1, ttl = excluded.ttl, held = excluded.held, seen_at = excluded.seen_at`,
          id,
          name,
          ttl,
          held,
          at,
        );
        return before?.state === 'gone';
      });
    },
    async stopped(id, held, at) {
      await db.run("UPDATE gateways SET state = 'stopped', held = ?, seen_at = ? WHERE id = ?", held, at, id);
    },
    async list(since) {
      return (await db.all('SELECT * FROM gateways WHERE seen_at > ? ORDER BY name, id', since)).map(presenceOf);
    },
    async settle(id, beats, at) {
      return db.transaction(async () => {
        const { changes } = await db.run(
          "UPDATE gateways SET state = 'gone' WHERE id = ? AND beats = ? AND state = 'here'",
          id,
          beats,
        );
        if (changes === 0) return [];
        const left = (await db.all(`${LATEST_STATUS} WHERE s.online = 1 AND s.gateway = ?`, id)).map((row) => ({
          ...statusOf(row),
          online: false,
          reason: 'platform_restart' as const,
          eventTime: at,
          recordedAt: at,
        }));
        await insertStatuses(db, left);
        return left;
      });
    },
  };
}
