import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { ApiProblem } from '../client/problem.ts';
import { useLanguage } from '../i18n/use-language.ts';

/** Nothing to show: why, and the one thing to do. */
export function Empty({ title, hint, action }: { title: string; hint?: string; action?: ReactNode }) {
  return (
    <div className="empty-state">
      <p className="empty-title">{title}</p>
      {hint ? <p className="secondary">{hint}</p> : null}
      {action}
    </div>
  );
}

/** What went wrong in words for people: the server's, where it said something. */
export function useProblemText(): (error: unknown) => string {
  const { t } = useLanguage();
  return (error) => {
    if (!(error instanceof ApiProblem)) return t('error.unexpected');
    if (error.status === 0) return t('error.unreachable');
    if (error.code === 'VERSION_STALE') return t('error.changedMeanwhile');
    return error.text ?? t('error.server', { status: error.status });
  };
}

/** Something could not be had: what happened, what is safe, what to do. */
export function Failure({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const { t } = useLanguage();
  const textOf = useProblemText();
  return (
    <div className="empty-state" role="alert">
      <p className="empty-title">{t('error.title')}</p>
      <p>{textOf(error)}</p>
      <p className="secondary">{t('error.safe')}</p>
      {retry ? (
        <Button variant="default" onClick={retry}>
          {t('error.retry')}
        </Button>
      ) : null}
    </div>
  );
}
