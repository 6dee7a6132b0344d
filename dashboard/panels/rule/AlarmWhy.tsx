import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AlarmWire } from '../../../api/contract/alarms.ts';
import { ruleHistoryQuery } from '../../client/rule-drafts.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { useRuleText } from './rule-words.ts';

/** Why there is the alarm: the rule's sentence, in the version that raised it. */
export function AlarmWhy({ alarm }: { alarm: AlarmWire }) {
  const { t } = useLanguage();
  const history = useQuery({
    ...ruleHistoryQuery(alarm.ruleId, `alarm ${alarm.ruleVersion}`),
    // A rule of another agency's that may not be read: the alarm then stands without it.
    enabled: alarm.rule !== null,
  });
  const rule = history.data?.versions.find((each) => each.rule.version === alarm.ruleVersion)?.rule;
  const ruleText = useRuleText(rule ? [rule] : []);
  if (!rule) return null;
  return (
    <section>
      <h3 className="section-title">{t('alarms.why')}</h3>
      <p>
        {ruleText(rule)}{' '}
        <Link to="/rules/$ruleId" params={{ ruleId: alarm.ruleId }} className="small">
          {t('alarms.toRule')}
        </Link>
      </p>
    </section>
  );
}
