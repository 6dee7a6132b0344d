import { type Actor, accessOf } from '../../../domain/access.ts';
import type { AgencyId } from '../../../domain/identifiers.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { Clock } from '../../../domain/time.ts';
import { ConstraintViolation, type SqlDatabase, type SqlValue, type Where } from './sql-database.ts';

export interface Context {
  readonly db: SqlDatabase;
  readonly clock: Clock;
  readonly newId: () => string;
}

/** Columns of a table that a sharing grant can be held against; `null` where the table has no such thing. */
export interface GrantColumns {
  readonly agency: string;
  readonly domain: string | null;
  readonly site: string | null;
  readonly tags: string | null;
}

/** The one place where an actor's access becomes SQL, and where writes are allowed, refused and put on record. */
export class Gate {
  readonly actor: Actor;
  readonly #context: Context;

  constructor(actor: Actor, context: Context) {
    this.actor = actor;
    this.#context = context;
  }

  /** Adds "the row may be read" to a query. */
  readable(where: Where, columns: GrantColumns): Where {
    const { readAgencies, grants } = accessOf(this.actor);
    if (readAgencies === 'all') return where;
    const parts: string[] = [];
    const values: SqlValue[] = [];
    if (readAgencies.length > 0) {
      parts.push(`${columns.agency} IN (${readAgencies.map(() => '?').join(',')})`);
      values.push(...readAgencies);
    }
    for (const grant of grants) {
      // A grant narrower than the table can tell shares nothing of it.
      if ((grant.domain && !columns.domain) || (grant.siteId && !columns.site) || (grant.tag && !columns.tags))
        continue;
      const all = [`${columns.agency} = ?`];
      values.push(grant.agencyId);
      if (grant.domain) {
        all.push(`${columns.domain} = ?`);
        values.push(grant.domain);
      }
      if (grant.siteId) {
        all.push(`${columns.site} = ?`);
        values.push(grant.siteId);
      }
      if (grant.tag) {
        all.push(`instr(${columns.tags}, ?) > 0`);
        values.push(`|${grant.tag}|`);
      }
      parts.push(`(${all.join(' AND ')})`);
    }
    return where.add(parts.length === 0 ? '1 = 0' : parts.join(' OR '), ...values);
  }

  /** Adds "the row is of an agency that may be read whole": for what is never shared (keys, audit, credentials). */
  ownOnly(where: Where, agencyColumn: string): Where {
    const { readAgencies } = accessOf(this.actor);
    if (readAgencies === 'all') return where;
    return where.add(`${agencyColumn} IN (${readAgencies.map(() => '?').join(',') || 'NULL'})`, ...readAgencies);
  }

  /** For rows that only the agency itself may see. */
  readableAgency(agency: AgencyId | null): boolean {
    const { readAgencies } = accessOf(this.actor);
    return readAgencies === 'all' || (agency !== null && readAgencies.includes(agency));
  }

  /**
   * `visible`: the target was read under this actor's access, by its agency or by a grant.
   * @throws {RegistryError} NOT_FOUND for what the actor can't see, NOT_ALLOWED for what it may only read.
   */
  mayWrite(agency: AgencyId | null, target: string, visible = false): void {
    const { writeAgencies } = accessOf(this.actor);
    if (writeAgencies === 'all' || (agency !== null && writeAgencies.includes(agency))) return;
    throw new RegistryError(visible || this.readableAgency(agency) ? 'NOT_ALLOWED' : 'NOT_FOUND', { id: target });
  }

  /** Leaves an audit row; to be called in the transaction of the write. */
  async audit(
    agency: AgencyId | null,
    action: string,
    targetKind: string,
    targetId: string,
    before: unknown,
    after: unknown,
  ): Promise<void> {
    const { actor } = this;
    const who =
      actor.kind === 'person' ? { kind: 'person', userId: actor.userId } : { kind: 'system', name: actor.name };
    await this.#context.db.run(
      'INSERT INTO audit (agency_id, at, actor_id, action, target_kind, target_id, body) VALUES (?,?,?,?,?,?,?)',
      agency,
      this.#context.clock(),
      actor.kind === 'person' ? actor.userId : null,
      action,
      targetKind,
      targetId,
      JSON.stringify({ actor: who, before, after }),
    );
  }

  get userId() {
    return this.actor.kind === 'person' ? this.actor.userId : null;
  }
}

/** Turns an engine's own refusals into the registry's. */
export function refused(error: unknown, params: Record<string, string | number>): never {
  if (error instanceof ConstraintViolation)
    throw new RegistryError(error.kind === 'unique' ? 'ALREADY_EXISTS' : 'REFERENCE_MISSING', params);
  throw error;
}
