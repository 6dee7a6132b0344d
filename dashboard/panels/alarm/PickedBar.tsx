import { Button } from '@mantine/core';
import type { AlarmWire } from '../../../api/contract/alarms.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { mayTake } from '../../state/alarm-undo.ts';
import { formatCount } from '../../state/formatting.ts';
import type { StepKind, useAlarmSteps } from './use-alarm-steps.tsx';

const STEPS = [
  ['acknowledge', 'alarms.acknowledge'],
  ['assign', 'alarms.assign'],
  ['comment', 'alarms.comment'],
  ['shelve', 'alarms.shelve'],
  ['unshelve', 'alarms.unshelve'],
  ['resolve', 'alarms.resolve'],
] as const satisfies readonly (readonly [StepKind, string])[];

/** What can be done with all picked alarms at once; steps that none of them can take are left out. */
export function PickedBar({
  alarms,
  steps,
  onNone,
}: {
  alarms: readonly AlarmWire[];
  steps: ReturnType<typeof useAlarmSteps>;
  onNone: () => void;
}) {
  const { t, language } = useLanguage();
  return (
    <div className="picked-bar" role="toolbar" aria-label={t('alarms.pickedBar')}>
      <span role="status">
        {t('alarms.picked', { count: alarms.length, number: formatCount(alarms.length, language) })}
      </span>
      {STEPS.filter(([kind]) => alarms.some((alarm) => mayTake(kind, alarm))).map(([kind, label]) => (
        <Button
          key={kind}
          size="xs"
          variant={kind === 'acknowledge' ? 'filled' : 'default'}
          loading={steps.busy}
          onClick={() => steps.begin(kind, alarms)}
        >
          {t(label)}
        </Button>
      ))}
      <button type="button" className="link-button" onClick={onNone}>
        {t('alarms.pickNone')}
      </button>
    </div>
  );
}
