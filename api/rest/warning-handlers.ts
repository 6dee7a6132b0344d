import type { Actor } from '../../domain/access.ts';
import type { Location } from '../../domain/asset.ts';
import type { UserId } from '../../domain/identifiers.ts';
import type { RegistryView } from '../../domain/ports/registry.ts';
import { draftFromAlarm } from '../../domain/warning/draft-from-alarm.ts';
import {
  endedAt,
  type Proposal,
  phaseAt,
  proposalOf,
  type Warning,
  type WarningContent,
  type WarningId,
} from '../../domain/warning/warning.ts';
import type { WarningStep } from '../../domain/warning/warning-steps.ts';
import type { WarningWire } from '../contract/warnings.ts';
import { ApiError, expectedError } from '../errors.ts';
import type { PublishedList } from '../warnings/published-list.ts';
import type { Publishing } from '../warnings/publishing.ts';
import type { Handlers } from './handler.ts';
import { given, type HandlerPorts, pageOf } from './handler-ports.ts';

type WarningRoutes =
  | 'GET /warnings'
  | 'POST /warnings'
  | 'POST /warnings/from-alarm'
  | 'GET /warnings/published'
  | 'GET /warnings/{warningId}'
  | 'GET /warnings/{warningId}/versions'
  | 'PUT /warnings/{warningId}'
  | 'POST /warnings/{warningId}/preview'
  | 'POST /warnings/{warningId}/submit'
  | 'POST /warnings/{warningId}/approve'
  | 'POST /warnings/{warningId}/reject'
  | 'POST /warnings/{warningId}/update'
  | 'POST /warnings/{warningId}/cancel'
  | 'DELETE /warnings/{warningId}/proposal';

export interface WarningPorts extends HandlerPorts {
  readonly publishing: Publishing;
  readonly publishedWarnings: PublishedList;
}

/** Names of colleagues are told to whoever may see the warning. */
const NAMES: Actor = { kind: 'system', name: 'warnings' };

/** What is told to the agency's people at once; the first waits for somebody who may approve. */
const NOTICE_OF = { submit: 'warning.submitted', approve: 'warning.published', reject: 'warning.rejected' } as const;

export function warningHandlers(ports: WarningPorts): Handlers<WarningRoutes> {
  const { registry, bus, clock, newId, index, settings, publishing, publishedWarnings } = ports;

  const writerOf = (actor: Actor): UserId => {
    if (actor.kind !== 'person') throw new ApiError('NOT_PERMITTED');
    return actor.userId;
  };
  const nameOf = async (user: UserId): Promise<string> => {
    try {
      return (await registry.as(NAMES).users.get(user)).displayName;
    } catch (error) {
      if (expectedError(error)?.code === 'NOT_FOUND') return user;
      throw error;
    }
  };

  const wire = async (warning: Warning): Promise<WarningWire> => {
    const proposal = proposalOf(warning);
    const people = new Set<UserId>(warning.issued.flatMap(({ authors, approvedBy }) => [...authors, approvedBy]));
    for (const author of proposal?.authors ?? []) people.add(author);
    if (proposal?.rejection) people.add(proposal.rejection.by);
    const names = await Promise.all([...people].map(async (user) => [user, await nameOf(user)] as const));
    const { id, agencyId, status, alarmId, issued, createdAt, changedAt, version } = warning;
    const now = clock();
    return {
      ...{ id, agencyId, status, alarmId, createdAt, changedAt, version },
      phase: phaseAt(warning, now),
      endedAt: endedAt(warning, now),
      proposal: proposal as WarningWire['proposal'],
      issued: issued as unknown as WarningWire['issued'],
      people: Object.fromEntries(names),
    };
  };

  const tell = (kind: (typeof NOTICE_OF)[keyof typeof NOTICE_OF], warning: Warning, content: WarningContent): void => {
    const { vi, en } = content.headline;
    const notice = {
      ...{ id: newId(), kind, agencyId: warning.agencyId, deviceId: null, at: clock() },
      text: { key: `notice.${kind.replace('.', '_')}`, params: { headline_vi: vi, headline_en: en } },
    };
    bus.publish('notice.raised', notice);
    registry.notices
      .raise(notice)
      .catch((err: unknown) => ports.log.error({ event: 'notice.failed', err }, 'notice not kept'));
  };

  /** Takes one step and tells who should know. */
  const take = async (
    view: RegistryView,
    id: WarningId,
    version: number,
    step: WarningStep,
    xml?: string,
  ): Promise<WarningWire> => {
    const before = await view.warnings.get(id);
    const after = await view.warnings.step(id, version, step, xml);
    bus.publish('warning.changed', { warningId: id, agencyId: after.agencyId });
    const waiting = step.kind === 'propose_cancel' ? 'submit' : step.kind;
    if (waiting === 'submit' || waiting === 'approve' || waiting === 'reject') {
      const content = (proposalOf(before) ?? proposalOf(after))?.content;
      if (content) tell(NOTICE_OF[waiting], after, content);
    }
    return wire(after);
  };
  const requireProposal = (warning: Warning): Proposal => {
    const proposal = proposalOf(warning);
    if (proposal === null) throw new ApiError('INVALID_STATE', { id: warning.id });
    return proposal;
  };

  return {
    async 'GET /warnings'({ view, query }) {
      const { items, next } = await view.warnings.list(
        { ...given('agencyId', query.agency), ...given('open', query.open) },
        pageOf(query),
      );
      return { items: await Promise.all(items.map(wire)), next };
    },
    async 'POST /warnings'({ view, actor, body }) {
      const made = await view.warnings.create({
        id: newId() as WarningId,
        agencyId: body.agencyId,
        // Nothing of a demonstration may look official.
        status: settings.mode === 'demo' ? 'Exercise' : 'Actual',
        alarmId: null,
        content: body.content,
        author: writerOf(actor),
      });
      bus.publish('warning.changed', { warningId: made.id, agencyId: made.agencyId });
      return wire(made);
    },
    async 'POST /warnings/from-alarm'({ view, actor, body }) {
      const alarm = await view.alarms.get(body.alarmId);
      const quantity = index.quantity(alarm.quantity);
      const [point, rule] = await Promise.all([view.points.get(alarm.pointId), found(view.rules.get(alarm.ruleId))]);
      if (!quantity) throw new ApiError('REFERENCE_MISSING', { id: alarm.quantity });
      const outline = rule?.selection.polygon?.map(([longitude, latitude]): Location => ({ longitude, latitude }));
      const content = draftFromAlarm(
        {
          alarm,
          point,
          rule: rule ?? null,
          ruleOutline: outline ? withoutRepeatedEnd(outline) : null,
          ruleWards: rule?.selection.wards ?? [],
          quantity,
        },
        clock(),
      );
      const made = await view.warnings.create({
        id: newId() as WarningId,
        agencyId: alarm.agencyId,
        status: settings.mode === 'demo' ? 'Exercise' : 'Actual',
        alarmId: alarm.id,
        content,
        author: writerOf(actor),
      });
      bus.publish('warning.changed', { warningId: made.id, agencyId: made.agencyId });
      return wire(made);
    },
    async 'GET /warnings/published'() {
      return { items: (await publishedWarnings.now()).warnings };
    },
    async 'GET /warnings/{warningId}'({ view, params }) {
      return wire(await view.warnings.get(params.warningId));
    },
    async 'GET /warnings/{warningId}/versions'({ view, params }) {
      const versions = await view.warnings.versions(params.warningId);
      const people = new Map<UserId, string>();
      for (const { by } of versions) if (by !== null && !people.has(by)) people.set(by, await nameOf(by));
      return {
        items: versions.map(({ version, step, by, at, warning }) => ({
          ...{ version, step, by, at },
          byName: by === null ? null : (people.get(by) ?? null),
          proposal: proposalOf(warning) as WarningWire['proposal'],
        })),
      };
    },
    'PUT /warnings/{warningId}': ({ view, actor, params, body, version }) =>
      take(view, params.warningId, version, { kind: 'edit', by: writerOf(actor), content: body.content }),
    async 'POST /warnings/{warningId}/preview'({ view, params, body, language }) {
      const warning = await view.warnings.get(params.warningId);
      const proposal = requireProposal(warning);
      const content = proposal.kind === 'cancel' ? proposal.content : body.content;
      return publishing.preview(warning, { ...proposal, content }, language);
    },
    async 'POST /warnings/{warningId}/submit'({ view, actor, params, version, language }) {
      publishing.requireComplete(requireProposal(await view.warnings.get(params.warningId)), language);
      return take(view, params.warningId, version, { kind: 'submit', by: writerOf(actor) });
    },
    async 'POST /warnings/{warningId}/approve'({ view, actor, caller, params, version, language }) {
      const warning = await view.warnings.get(params.warningId);
      // A person answers for what is published: a program with somebody's key does not.
      if (caller.kind !== 'person' || caller.by.kind !== 'session') throw new ApiError('NOT_PERMITTED');
      const by = writerOf(actor);
      const proposal = requireProposal(warning);
      if (proposal.stage !== 'submitted') throw new ApiError('INVALID_STATE', { id: warning.id });
      if (proposal.authors.includes(by)) throw new ApiError('WARNING_OWN');
      const { message, xml } = await publishing.ready(warning, proposal, language);
      return take(view, params.warningId, version, { kind: 'approve', by, message }, xml);
    },
    'POST /warnings/{warningId}/reject': ({ view, actor, params, body, version }) =>
      take(view, params.warningId, version, { kind: 'reject', by: writerOf(actor), reason: body.reason }),
    'POST /warnings/{warningId}/update': ({ view, actor, params, body, version }) =>
      take(view, params.warningId, version, { kind: 'propose_update', by: writerOf(actor), reason: body.reason }),
    'POST /warnings/{warningId}/cancel': ({ view, actor, params, body, version }) =>
      take(view, params.warningId, version, { kind: 'propose_cancel', by: writerOf(actor), reason: body.reason }),
    'DELETE /warnings/{warningId}/proposal': ({ view, actor, params, version }) =>
      take(view, params.warningId, version, { kind: 'discard', by: writerOf(actor) }),
  };
}

/** What may be gone, or not for this person. */
async function found<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (expectedError(error)?.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

/** Outlines are drawn with or without the first corner again at the end. */
function withoutRepeatedEnd(outline: readonly Location[]): readonly Location[] {
  const [first] = outline;
  const last = outline.at(-1);
  const isRepeated = outline.length > 1 && first?.latitude === last?.latitude && first?.longitude === last?.longitude;
  return isRepeated ? outline.slice(0, -1) : outline;
}
