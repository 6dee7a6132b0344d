import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { AgencyId } from '../../domain/identifiers.ts';
import { useAgencyChoice } from '../client/agency-choice.ts';
import { usePlatform } from '../client/platform.tsx';
import { agenciesQuery, rulesQuery } from '../client/queries.ts';
import { ruleDraftsQuery } from '../client/rule-drafts.ts';
import { holdsAnywhere } from '../client/session.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { RuleWorkbench } from '../panels/rule/RuleWorkbench.tsx';

/** Of a rule that has no id yet. */
const NEW = 'new';

/** One rule: as a sentence, on the map, against past data, with its draft and its versions. */
export function RulePage() {
  const { t } = useLanguage();
  const { session } = usePlatform();
  const navigate = useNavigate();
  const { ruleId } = useParams({ from: '/shell/rules/$ruleId' });
  const { agency, preset } = useSearch({ from: '/shell/rules/$ruleId' });
  const mayWrite = holdsAnywhere(session, 'rules.write');
  const rules = useQuery(rulesQuery);
  const drafts = useQuery({ ...ruleDraftsQuery, enabled: mayWrite });
  const agencies = useQuery(agenciesQuery);
  const choice = useAgencyChoice('rules.write');
  /** A new rule gets its id while it is being written: the page goes on as it is. */
  const [bornHere, setBornHere] = useState<string | null>(null);
  /** Each step makes of the rule something else to look at. */
  const [step, setStep] = useState(0);

  const failed = rules.error ?? drafts.error ?? agencies.error;
  // Drafts of an earlier look may have been saved, or gone, since: an edit goes over what is there now.
  const isReady = rules.data && agencies.data && ((drafts.data && drafts.isFetchedAfterMount) || !mayWrite);
  const live = rules.data?.items.find(({ id }) => id === ruleId) ?? null;
  const draft = drafts.data?.find((each) => each.ruleId === ruleId) ?? null;
  const wanted = choice.agencies.find(({ value }) => value === agency)?.value ?? choice.agency;
  const agencyId: AgencyId | null = draft?.agencyId ?? live?.agencyId ?? wanted;
  const isNew = ruleId === NEW || ruleId === bornHere;
  const stay = (search: Record<string, string | undefined>) =>
    void navigate({ to: '/rules/$ruleId', params: { ruleId }, search, replace: true });
  return (
    <div className="page">
      {failed ? (
        <Failure
          error={failed}
          retry={() => {
            void rules.refetch();
            void drafts.refetch();
          }}
        />
      ) : !isReady ? (
        <ListLoading what={t('loading.rules')} />
      ) : agencyId === null || (!isNew && live === null && draft === null) ? (
        <Empty
          title={t('ruleDraft.gone')}
          hint={t('ruleDraft.goneHint')}
          action={
            <Button variant="default" renderRoot={(props) => <Link to="/rules" {...props} />}>
              {t('rules.title')}
            </Button>
          }
        />
      ) : (
        <RuleWorkbench
          key={`${isNew ? `${NEW} ${agency ?? ''}` : ruleId} ${step}`}
          ruleId={ruleId === NEW ? null : (draft?.ruleId ?? live?.id ?? null)}
          live={live}
          draft={draft}
          agencyId={agencyId}
          presetKey={preset ?? null}
          onCreated={(created) => {
            if (ruleId !== NEW) return;
            setBornHere(created.ruleId);
            void navigate({
              to: '/rules/$ruleId',
              params: { ruleId: created.ruleId },
              search: (before) => before as never,
              replace: true,
            });
          }}
          onStepped={() => {
            setBornHere(null);
            setStep(step + 1);
          }}
          onAgency={(next) => stay({ agency: next, preset })}
        />
      )}
    </div>
  );
}
