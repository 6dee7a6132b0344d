import type { AgencyId, AlarmId, UserId } from '../../domain/identifiers.ts';
import type { Language } from '../../domain/localized.ts';
import type { AlarmWorkOutcome, AlarmWorkStep, RegistryView } from '../../domain/ports/registry.ts';
import { unreachable } from '../../domain/result.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { AlarmWire } from '../contract/alarms.ts';
import type { RouteBody } from '../contract/routes.ts';
import { expectedError, inputRefused } from '../errors.ts';
import { requireWorker, userOf } from './colleagues.ts';
import type { Handlers } from './handler.ts';
import { given, type HandlerPorts } from './handler-ports.ts';

interface Outcomes {
  readonly taken: readonly AlarmWire[];
  readonly refused: { readonly id: AlarmId; readonly code: string }[];
}

/** Tells everyone of the steps that were taken, and the caller of each. */
export function takeEach(
  { bus, openAlarms }: Pick<HandlerPorts, 'bus' | 'openAlarms'>,
  outcomes: readonly AlarmWorkOutcome[],
): Outcomes {
  const taken: AlarmWire[] = [];
  const refused: { id: AlarmId; code: string }[] = [];
  for (const outcome of outcomes) {
    if ('refused' in outcome) {
      refused.push({ id: outcome.id, code: outcome.refused });
      continue;
    }
    const { alarm, transitions } = outcome.change;
    // An acknowledgement of what is acknowledged already changes nothing and is told to nobody.
    if (transitions.length > 0) bus.publish('alarm.changed', { alarm, transitions });
    taken.push(openAlarms.wire(alarm));
  }
  return { taken, refused };
}

/** @throws {ApiError} INPUT_INVALID when an alarm is to be shelved until a time that is past, or for too long. */
export function requirePossibleEnd(
  { settings }: Pick<HandlerPorts, 'settings'>,
  shelving: { readonly kind: string; readonly until: EpochMs | null },
  since: EpochMs,
  language: Language,
): void {
  const { kind, until } = shelving;
  if (until === null) return;
  if (until <= since) throw inputRefused('until', 'refusal.untilPast', language);
  if (kind === 'shelved' && until - since > settings.limits.shelveAtMost)
    throw inputRefused('until', 'refusal.untilTooFar', language);
}

type Step = RouteBody<'POST /alarms/steps'>['step'];

function workStep(step: Step, version: number, by: UserId, since: EpochMs): AlarmWorkStep {
  switch (step.kind) {
    case 'acknowledge':
      return { kind: step.kind, by, ...given('note', step.note) };
    case 'take_back_acknowledgement':
    case 'start_work':
      return { kind: step.kind, by };
    case 'comment':
      return { kind: step.kind, by, note: step.note };
    case 'assign':
      return { kind: step.kind, by, to: step.to, version };
    case 'resolve':
      return { kind: step.kind, by, note: step.note, version };
    case 'shelve':
      return {
        kind: 'suppress',
        suppression: { kind: 'shelved', reason: step.reason, by, since, until: step.until },
        version,
      };
    case 'unshelve':
      return { kind: 'unsuppress', by, version };
    default:
      return unreachable(step);
  }
}

export function alarmStepsHandlers(ports: HandlerPorts): Handlers<'POST /alarms/steps'> {
  const { registry, clock } = ports;

  /** Those of the alarms that can't be given to the person, who doesn't work in their agency. */
  async function unassignable(view: RegistryView, ids: readonly AlarmId[], to: UserId): Promise<Outcomes['refused']> {
    const verdicts = new Map<AgencyId, Promise<string | null>>();
    const refused: { id: AlarmId; code: string }[] = [];
    const codeOf = (work: Promise<unknown>): Promise<string | null> =>
      work.then(
        () => null,
        (error: unknown) => {
          const expected = expectedError(error);
          if (!expected) throw error;
          return expected.code;
        },
      );
    for (const id of ids) {
      let agencyId: AgencyId | null = null;
      const unseen = await codeOf(view.alarms.get(id).then((alarm) => (agencyId = alarm.agencyId)));
      if (unseen !== null || agencyId === null) {
        refused.push({ id, code: unseen ?? 'NOT_FOUND' });
        continue;
      }
      const verdict = verdicts.get(agencyId) ?? codeOf(requireWorker(registry, to, agencyId));
      verdicts.set(agencyId, verdict);
      const code = await verdict;
      if (code !== null) refused.push({ id, code });
    }
    return refused;
  }

  return {
    async 'POST /alarms/steps'({ view, actor, body, language }) {
      const { step } = body;
      const by = userOf(actor);
      const at = clock();
      if (step.kind === 'shelve') requirePossibleEnd(ports, { kind: 'shelved', until: step.until }, at, language);
      const versions = new Map(body.items.map(({ id, version }) => [id, version]));
      const refused =
        step.kind === 'assign' && step.to !== null ? await unassignable(view, [...versions.keys()], step.to) : [];
      for (const { id } of refused) versions.delete(id);
      const steps = [...versions].map(([id, version]) => ({ id, step: workStep(step, version, by, at) }));
      const outcome = takeEach(ports, await view.alarms.workEach(steps, at));
      return { taken: outcome.taken, refused: [...refused, ...outcome.refused] };
    },
  };
}
