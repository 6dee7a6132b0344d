import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Actor } from '../../domain/access.ts';
import type { AgencyId, UserId } from '../../domain/identifiers.ts';
import { type MessageId, recipientKey } from '../../domain/notifications/notification.ts';
import type { RegistryView } from '../../domain/ports/registry.ts';
import { onDutyAt, shiftAt } from '../../domain/shift.ts';
import {
  COVERS_AT_MOST,
  coversFrom,
  type Handover,
  type HandoverContent,
  type HandoverId,
  handedShift,
} from '../../domain/shift-handover.ts';
import type { ShiftNoteId } from '../../domain/shift-log.ts';
import { handoverMail } from '../../domain/shift-mail.ts';
import { buildShiftSummary } from '../../domain/shift-summary.ts';
import { after, before, days, type EpochMs, hours, minutes } from '../../domain/time.ts';
import { localTimeIn } from '../../domain/time-zone.ts';
import { pay } from '../auth/rate.ts';
import type { SHIFT_ROUTES } from '../contract/routes-shifts.ts';
import type { HandoverWire } from '../contract/shifts.ts';
import { ApiError, inputRefused } from '../errors.ts';
import { namesOf, userOf } from './colleagues.ts';
import type { Handlers } from './handler.ts';
import { type HandlerPorts, pageOf } from './handler-ports.ts';

/** A log is read over at most this. */
const LOG_AT_MOST = days(31);
/** A note may tell of what happened before its shift, and clocks of browsers differ a little. */
const NOTE_REACHES_BACK = days(7);
const CLOCK_TOLERANCE = minutes(1);

export function shiftHandlers(ports: HandlerPorts): Handlers<keyof typeof SHIFT_ROUTES> {
  const { registry, clock, newId, settings, notifications: sender, index } = ports;
  const { limits } = settings;
  const offset = localTimeIn(settings.timeZone);
  const bounds = { alarms: limits.shiftLogAlarms, others: limits.shiftLogOthers };
  const mails = new RateLimiterMemory({
    keyPrefix: 'handover-mail',
    points: limits.handoverMails,
    duration: limits.notificationTestWindow / 1000,
  });

  /** What a handover signed at `now` is made of. */
  const current = async (view: RegistryView, agencyId: AgencyId, now: EpochMs) => {
    const { shifts } = view;
    const plan = await shifts.plan(agencyId);
    const shift = shiftAt(plan.startMinutes, now, offset);
    const last = (await shifts.handovers.list(agencyId, { limit: 1 })).items[0] ?? null;
    const covers = { from: coversFrom(shift, last?.covers.to ?? null, now), to: now };
    const log = await shifts.log(agencyId, covers, bounds);
    const facts = await shifts.facts(agencyId, covers, limits.shiftListed);
    return {
      plan,
      shift,
      last,
      covers,
      log,
      onDuty: onDutyAt(await shifts.duty(agencyId, before(now, COVERS_AT_MOST)), now),
      summary: buildShiftSummary({ ...facts, log }, now, limits.shiftListed),
    };
  };
  const colleaguesOf = async (agencyId: AgencyId) =>
    (await registry.notifications.audience()).people.filter(
      ({ user }) => user.disabledAt === null && user.roles.some((held) => held.agencyId === agencyId),
    );
  const nameOf = async (userId: UserId): Promise<string> => (await namesOf(registry)(userId)) ?? userId;

  return {
    async 'GET /shifts/{agencyId}'({ view, params }) {
      const { last, ...picture } = await current(view, params.agencyId, clock());
      return { ...picture, waiting: last !== null && last.receivedAt === null ? last : null };
    },
    async 'GET /shifts/{agencyId}/log'({ view, params, query, language }) {
      const { from, to } = query;
      if (to < from) throw inputRefused('to', 'refusal.rangeReversed', language);
      if (to - from > LOG_AT_MOST) throw inputRefused('from', 'refusal.tooFarOn', language);
      return view.shifts.log(params.agencyId, { from, to }, bounds);
    },
    async 'PUT /shifts/{agencyId}/plan'({ view, params, body, version }) {
      const { agencyId } = params;
      return view.shifts.setPlan({ agencyId, startMinutes: body.startMinutes, version });
    },
    async 'POST /shifts/{agencyId}/duty'({ view, params, body }) {
      await view.shifts.takeDuty(params.agencyId, body.step);
    },
    async 'POST /shifts/{agencyId}/notes'({ view, params, body, language }) {
      const now = clock();
      const happenedAt = body.happenedAt ?? now;
      if (happenedAt > after(now, CLOCK_TOLERANCE)) throw inputRefused('happenedAt', 'refusal.inFuture', language);
      if (happenedAt < before(now, NOTE_REACHES_BACK)) throw inputRefused('happenedAt', 'refusal.tooFarOn', language);
      await view.shifts.note(params.agencyId, {
        noteId: newId() as ShiftNoteId,
        text: body.text,
        happenedAt,
        corrects: body.corrects ?? null,
      });
    },
    async 'GET /shifts/{agencyId}/recipients'({ view, params }) {
      // Throws for an agency that isn't the caller's.
      await view.shifts.plan(params.agencyId);
      const people = await colleaguesOf(params.agencyId);
      return {
        hasMail: sender.hasMail,
        items: people.map(({ user, settings: wishes }) => ({
          userId: user.id,
          displayName: user.displayName,
          hasAddress: wishes.email !== null,
        })),
      };
    },
    'GET /shifts/{agencyId}/handovers': ({ view, params, query }) =>
      view.shifts.handovers.list(params.agencyId, pageOf(query)),
    async 'POST /shifts/{agencyId}/handovers'({ view, actor, params, body }) {
      const { agencyId } = params;
      const userId = userOf(actor);
      const signedAt = clock();
      const { plan, covers, onDuty, summary, log, last } = await current(view, agencyId, signedAt);
      const content: HandoverContent = {
        format: 1,
        agencyId,
        agencyName: index.agencies.find(({ id }) => id === agencyId)?.name ?? { vi: agencyId, en: agencyId },
        shift: handedShift(plan.startMinutes, covers, offset),
        ...{ covers, onDuty, summary, log, signedAt },
        remark: body.remark,
        signedBy: { userId, name: await nameOf(userId) },
        previous: last && { id: last.id, sha256: last.sha256 },
      };
      return wire(await view.shifts.handovers.sign(newId() as HandoverId, content, body.basedOn));
    },
    async 'GET /handovers/{handoverId}'({ view, params }) {
      return wire(await view.shifts.handovers.get(params.handoverId));
    },
    async 'POST /handovers/{handoverId}/receive'({ view, actor, params, body }) {
      const userId = userOf(actor);
      const receivedBy = { userId, name: await nameOf(userId) };
      return wire(await view.shifts.handovers.receive(params.handoverId, receivedBy, body.remark));
    },
    async 'POST /handovers/{handoverId}/send'({ view, actor, params, body, connection }) {
      const handover = await view.shifts.handovers.get(params.handoverId);
      const { agencyId } = handover.content;
      // Sending lets city data out of the house: for those who may sign, not for those who may only look.
      if (actor.kind !== 'person' || !writes(actor, agencyId))
        throw new ApiError('NOT_PERMITTED', { permission: 'alarms.work' });
      if (!sender.hasMail) throw new ApiError('MAIL_NOT_SET_UP');
      const people = await colleaguesOf(agencyId);
      const items: { userId: UserId; outcome: 'accepted' | 'refused' | 'failed' | 'gone'; answer: string }[] = [];
      const receivers = [...new Set(body.to)].map((userId) => {
        const person = people.find(({ user }) => user.id === userId);
        if (!person || person.settings.email === null) throw new ApiError('REFERENCE_MISSING', { id: userId });
        return { user: person.user, email: person.settings.email };
      });
      const link = `${settings.publicUrl ?? connection.origin}/shift/handovers/${encodeURIComponent(handover.id)}`;
      for (const { user, email } of receivers) {
        await pay(mails, userOf(actor));
        const id = newId() as MessageId;
        const createdAt = clock();
        const content = handoverMail(handover, { language: user.language, offset, link });
        const outcome = await sender.email(email, {
          ...{ id, createdAt, content },
          thread: handover.id,
          isUpdate: false,
          usefulFor: hours(24),
        });
        const recipient = recipientKey({ kind: 'person', userId: user.id });
        await registry.notifications.record(
          {
            ...{ id, recipient, agencyId, createdAt, content },
            tellingId: handover.id as string as MessageId,
            channel: 'email',
            address: email,
            kind: 'handover',
            groupId: null,
            alarmIds: [],
          },
          outcome,
          clock(),
        );
        items.push({ userId: user.id, outcome: outcome.kind, answer: outcome.answer });
      }
      return { items };
    },
  };
}

const writes = (actor: Extract<Actor, { readonly kind: 'person' }>, agencyId: AgencyId): boolean =>
  actor.access.writeAgencies === 'all' || actor.access.writeAgencies.includes(agencyId);

const wire = (handover: Handover): HandoverWire => handover;
