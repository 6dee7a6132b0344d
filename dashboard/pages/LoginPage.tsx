import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { RouteBodyInput } from '../../api/contract/routes.ts';
import { call } from '../client/http.ts';
import { ApiProblem } from '../client/problem.ts';
import { sessionQuery, settingsQuery } from '../client/queries.ts';
import { useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { SignInFrame } from './SignInFrame.tsx';

/** Only addresses of this platform are gone to after signing in. */
const safeNext = (next: string | undefined): string =>
  next?.startsWith('/') && !next.startsWith('//') && !next.startsWith('/login') ? next : '/';

export function LoginPage() {
  const { t, language } = useLanguage();
  const { next } = useSearch({ from: '/login' });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const session = useQuery(sessionQuery);
  const settings = useQuery(settingsQuery);
  const problemText = useProblemText();
  const [loginName, setLoginName] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  async function signIn(credentials: RouteBodyInput<'POST /session'>): Promise<void> {
    setBusy(credentials.loginName);
    setProblem(null);
    try {
      const signedIn = await call('POST /session', { body: credentials });
      queries.setQueryData(sessionQuery.queryKey, signedIn);
      await navigate({ href: safeNext(next) });
    } catch (error) {
      setBusy(null);
      setPassword('');
      setProblem(
        error instanceof ApiProblem && error.code === 'LOGIN_REFUSED' ? t('login.refused') : problemText(error),
      );
    }
  }
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (loginName.trim() === '' || password === '') {
      setProblem(t('login.incomplete'));
      return;
    }
    void signIn({ loginName: loginName.trim(), password });
  }

  if (session.data?.kind === 'person' && busy === null) return <Navigate to={safeNext(next)} replace />;
  if (settings.data?.setupOpen) return <Navigate to="/setup" replace />;
  const demo = settings.data?.demoAccounts ?? null;

  return (
    <SignInFrame title={t('login.title')} lead={next ? t('login.leadBack') : t('login.lead')}>
      <form className="sign-in-form" onSubmit={onSubmit} noValidate>
        <TextInput
          label={t('login.name')}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          value={loginName}
          onChange={(event) => setLoginName(event.currentTarget.value)}
          error={problem !== null}
          data-autofocus
        />
        <PasswordInput
          label={t('login.password')}
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={problem !== null}
          visibilityToggleButtonProps={{ 'aria-label': t('login.showPassword') }}
        />
        {problem ? (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        ) : null}
        <Button type="submit" loading={busy !== null && busy === loginName.trim()} fullWidth>
          {t('login.submit')}
        </Button>
      </form>
      {demo && demo.length > 0 ? (
        <section className="demo-accounts" aria-labelledby="demo-title">
          <h2 id="demo-title">{t('login.demoTitle')}</h2>
          <p className="secondary small">{t('login.demoHint')}</p>
          <ul>
            {demo.map((account) => (
              <li key={account.loginName}>
                <button
                  type="button"
                  className="demo-account"
                  disabled={busy !== null}
                  onClick={() => void signIn({ loginName: account.loginName, password: account.password })}
                >
                  <span>{account.title[language]}</span>
                  <span className="secondary small">{account.loginName}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </SignInFrame>
  );
}
