import type { AgencyId, RuleId } from '../../../domain/identifiers.ts';
import { RegistryError } from '../../../domain/ports/registry.ts';
import type { RuleDraftView } from '../../../domain/ports/rule-drafts.ts';
import type { Rule } from '../../../domain/rule.ts';
import type { RuleDraft, RuleDraftEvent } from '../../../domain/rule-review.ts';
import { type Context, type Gate, refused } from './access.ts';
import { insertRuleVersion } from './alarms.ts';
import { Where } from './sql-database.ts';

/** The agency's own drafts of rules. */
export function ruleDraftViews({ db, clock }: Context, gate: Gate): RuleDraftView {
  const load = async (id: RuleId): Promise<RuleDraft> => {
    const row = await db.get<{ body: string }>('SELECT body FROM rule_drafts WHERE rule_id = ?', id);
    const draft = row && (JSON.parse(row.body) as RuleDraft);
    if (!draft || !gate.readableAgency(draft.agencyId)) throw new RegistryError('NOT_FOUND', { id });
    return draft;
  };
  const note = async (
    { ruleId, agencyId }: RuleDraft,
    step: RuleDraftEvent['step'],
    more: Partial<Pick<RuleDraftEvent, 'note' | 'ruleVersion'>> = {},
  ): Promise<void> => {
    const event: RuleDraftEvent = {
      ruleId,
      step,
      at: clock(),
      by: gate.userId,
      note: null,
      ruleVersion: null,
      ...more,
    };
    await db.run(
      'INSERT INTO rule_draft_events (rule_id, agency_id, at, body) VALUES (?,?,?,?)',
      ruleId,
      agencyId,
      event.at,
      JSON.stringify(event),
    );
  };
  /** The draft at that version, which may be written by this actor. */
  const based = async (id: RuleId, version: number): Promise<RuleDraft> => {
    const draft = await load(id);
    gate.mayWrite(draft.agencyId, id, true);
    if (draft.version !== version) throw new RegistryError('CONFLICT', { id });
    return draft;
  };
  const step = (
    id: RuleId,
    version: number,
    kind: RuleDraftEvent['step'],
    change: (draft: RuleDraft) => Partial<RuleDraft>,
    reason: string | null = null,
  ): Promise<RuleDraft> =>
    db.transaction(async () => {
      const before = await based(id, version);
      const after: RuleDraft = { ...before, ...change(before), changedAt: clock(), version: version + 1 };
      await db.run(
        'UPDATE rule_drafts SET state = ?, version = ?, body = ? WHERE rule_id = ?',
        after.state,
        after.version,
        JSON.stringify(after),
        id,
      );
      await gate.audit(after.agencyId, `rule.draft.${kind}`, 'rule', id, before, after);
      await note(after, kind, { note: reason });
      return after;
    });
  const withAuthor = (authors: RuleDraft['authors']): RuleDraft['authors'] => {
    const { userId } = gate;
    return userId === null ? authors : [...authors.filter((author) => author !== userId), userId];
  };

  return {
    async list({ agencyId }) {
      const where = gate.ownOnly(new Where().equals('agency_id', agencyId), 'agency_id');
      return (
        await db.all<{ body: string }>(`SELECT body FROM rule_drafts ${where.sql} ORDER BY rule_id`, ...where.values)
      ).map((row) => JSON.parse(row.body) as RuleDraft);
    },
    get: async (id) => load(id),
    async create({ ruleId, agencyId, content }) {
      return db.transaction(async () => {
        gate.mayWrite(agencyId, ruleId);
        const rule = await db.get<{ agency_id: AgencyId; version: number; withdrawn_at: number | null }>(
          'SELECT agency_id, version, withdrawn_at FROM rules WHERE id = ?',
          ruleId,
        );
        // A rule of another agency is told from a free id no more than by making a rule of that id.
        if (rule && (rule.agency_id !== agencyId || rule.withdrawn_at !== null))
          throw new RegistryError('ALREADY_EXISTS', { id: ruleId });
        const draft: RuleDraft = {
          ruleId,
          agencyId,
          basedOn: rule?.version ?? 0,
          content,
          state: 'draft',
          authors: withAuthor([]),
          rejection: null,
          createdAt: clock(),
          changedAt: clock(),
          version: 1,
        };
        try {
          await db.run(
            'INSERT INTO rule_drafts VALUES (?,?,?,?,?)',
            ruleId,
            agencyId,
            draft.state,
            1,
            JSON.stringify(draft),
          );
        } catch (error) {
          refused(error, { id: ruleId });
        }
        await gate.audit(agencyId, 'rule.draft.created', 'rule', ruleId, null, draft);
        await note(draft, 'created');
        return draft;
      });
    },
    save: async (id, version, content) =>
      db.transaction(async () =>
        step(id, version, 'saved', ({ authors }) => ({ content, state: 'draft', authors: withAuthor(authors) })),
      ),
    submit: async (id, version) =>
      db.transaction(async () => step(id, version, 'submitted', () => ({ state: 'in_review', rejection: null }))),
    reject: async (id, version, reason) =>
      db.transaction(async () =>
        step(
          id,
          version,
          'rejected',
          ({ state }) => {
            if (state !== 'in_review') throw new RegistryError('INVALID_STATE', { id });
            return { state: 'draft', rejection: { by: gate.userId, at: clock(), reason } };
          },
          reason,
        ),
      ),
    async discard(id, version) {
      await db.transaction(async () => {
        const draft = await based(id, version);
        await db.run('DELETE FROM rule_drafts WHERE rule_id = ?', id);
        await gate.audit(draft.agencyId, 'rule.draft.discarded', 'rule', id, draft, null);
        await note(draft, 'discarded');
      });
    },
    async publish(id, version, fields, approvedBy) {
      return db.transaction(async () => {
        const draft = await based(id, version);
        const { agencyId, basedOn, authors } = draft;
        const live = await db.get<{ version: number; withdrawn_at: number | null }>(
          'SELECT version, withdrawn_at FROM rules WHERE id = ?',
          id,
        );
        if ((live?.version ?? 0) !== basedOn || (live?.withdrawn_at ?? null) !== null)
          throw new RegistryError('CONFLICT', { id });
        const rule: Rule = {
          ...fields,
          id,
          agencyId,
          version: basedOn + 1,
          ...(approvedBy === null ? {} : { approvedBy }),
          createdBy: authors.at(-1) ?? null,
          createdAt: clock(),
        };
        if (live === undefined) await db.run('INSERT INTO rules VALUES (?,?,?,NULL)', id, agencyId, rule.version);
        else await db.run('UPDATE rules SET version = ? WHERE id = ?', rule.version, id);
        await insertRuleVersion(db, rule);
        await db.run('DELETE FROM rule_drafts WHERE rule_id = ?', id);
        await gate.audit(agencyId, 'rule.draft.approved', 'rule', id, draft, rule);
        await note(draft, 'approved', { ruleVersion: rule.version });
        return rule;
      });
    },
    async history(id) {
      const where = gate.ownOnly(new Where().equals('rule_id', id), 'agency_id');
      return (
        await db.all<{ body: string }>(
          `SELECT body FROM rule_draft_events ${where.sql} ORDER BY number`,
          ...where.values,
        )
      ).map((row) => JSON.parse(row.body) as RuleDraftEvent);
    },
  };
}
