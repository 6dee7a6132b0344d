import type { ShiftEntryWire } from '../../../api/contract/shifts.ts';
import type { Language } from '../../../domain/localized.ts';
import { i18n } from '../../i18n/i18n.ts';
import { formatDateTime } from '../../state/formatting.ts';

/** One line of the log in words, without its time and who did it. */
export function entryText(entry: ShiftEntryWire, language: Language): string {
  const t = i18n.getFixedT(language);
  switch (entry.kind) {
    case 'alarm': {
      const what = `${entry.pointName[language]} – ${entry.ruleName[language]}`;
      return `${t(`shift.alarmStep.${entry.step}`)}: ${what}`;
    }
    case 'incident':
      return `${t(`shift.incidentStep.${entry.step}`)}: ${entry.name[language]}`;
    case 'window': {
      const end =
        entry.until === null ? '' : ` (${t('suppression.until', { time: formatDateTime(entry.until, language) })})`;
      return `${t(`suppression.${entry.windowKind}`)} – ${t(`shift.windowStep.${entry.step}`)}: ${entry.scopeName[language]}${end}`;
    }
    case 'warning':
      return `${t(`shift.warningStep.${entry.step}`)}: ${entry.headline[language] || t('warnings.untitled')}`;
    case 'device':
      return `${t(entry.online ? 'shift.deviceBack' : 'shift.deviceLost')}: ${entry.deviceId}`;
    case 'note':
      return entry.text;
    case 'duty':
      return t(`shift.dutyStep.${entry.step}`);
  }
}
