import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { RuleDraftWire } from '../../../api/contract/rule-drafts.ts';
import { usePlatform } from '../../client/platform.tsx';
import { colleaguesQuery } from '../../client/queries.ts';
import { ruleDraftsQuery } from '../../client/rule-drafts.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime } from '../../state/formatting.ts';
import { draftOf } from '../../state/rule-draft.ts';
import '../../styles/rules.css';

/** Rules that somebody is writing, and those that wait for a second person: these first, and counted. */
export function RuleDrafts() {
  const { t } = useLanguage();
  const drafts = useQuery(ruleDraftsQuery);
  const of = (state: RuleDraftWire['state']) => (drafts.data ?? []).filter((draft) => draft.state === state);
  const [waiting, inWork] = [of('in_review'), of('draft')];
  return (
    <>
      {waiting.length > 0 ? (
        <section className="rule-drafts" aria-label={t('ruleDraft.waiting')}>
          <h2 className="section-title">
            {t('ruleDraft.waiting')} <span className="rule-badge">{waiting.length}</span>
          </h2>
          <DraftList drafts={waiting} />
        </section>
      ) : null}
      {inWork.length > 0 ? (
        <section className="rule-drafts" aria-label={t('ruleDraft.inWork')}>
          <h2 className="section-title">{t('ruleDraft.inWork')}</h2>
          <DraftList drafts={inWork} />
        </section>
      ) : null}
    </>
  );
}

function DraftList({ drafts }: { drafts: readonly RuleDraftWire[] }) {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const colleagues = useQuery(colleaguesQuery);
  return (
    <ul className="rule-waiting">
      {drafts.map(({ ruleId, content, authors, changedAt, basedOn, rejection }) => {
        const { nameVi, nameEn } = draftOf(content);
        const name = (language === 'vi' ? nameVi : nameEn) || t('ruleDraft.untitled');
        const author = authors.at(-1);
        const by =
          author === session.user.id
            ? t('ruleDraft.you')
            : (colleagues.data?.items.find(({ id }) => id === author)?.displayName ?? author ?? '');
        return (
          <li key={ruleId}>
            <Link to="/rules/$ruleId" params={{ ruleId }}>
              <strong>{name}</strong>
              <span className="secondary">
                {t(basedOn === 0 ? 'ruleDraft.ofNew' : 'ruleDraft.ofVersion', { number: basedOn })} · {by} ·{' '}
                {formatDateTime(changedAt, language)}
                {rejection === null ? '' : ` · ${t('ruleDraft.sentBack')}`}
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
