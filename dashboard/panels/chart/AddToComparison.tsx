import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import { IconPlus } from '../../components/icons.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { COMPARE_LINES_MAX, type CompareLine, lineKey, readLines, withLine, writeLines } from '../../state/compare.ts';
import { heldComparison } from './held-comparison.ts';

/** Takes a line into the comparison that was looked at last in this tab, and goes there. */
export function AddToComparison({ line }: { line: CompareLine }) {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const add = () => {
    const held = readLines(heldComparison.get());
    const lines = withLine(held, line) ?? held;
    if (!lines.some((each) => lineKey(each) === lineKey(line))) {
      notifications.show({ color: 'red', message: t('compare.full', { count: COMPARE_LINES_MAX }) });
      return;
    }
    const text = writeLines(lines);
    void navigate({ to: '/compare', search: text === undefined ? {} : { lines: text } });
  };
  return (
    <button type="button" className="text-button" onClick={add}>
      <IconPlus size={14} aria-hidden="true" /> {t('compare.addThis')}
    </button>
  );
}
