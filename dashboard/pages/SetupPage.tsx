import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { call } from '../client/http.ts';
import { sessionQuery, settingsQuery } from '../client/queries.ts';
import { useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { SignInFrame } from './SignInFrame.tsx';

/** The first administrator, made once with the link the platform printed when it started. */
export function SetupPage() {
  const { t, language } = useLanguage();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const problemText = useProblemText();
  // Behind `#` the code reaches no log on the way.
  const [tokenFromLink] = useState(() => decodeURIComponent(window.location.hash.slice(1)));
  const [token, setToken] = useState(tokenFromLink);
  const [displayName, setDisplayName] = useState('');
  const [loginName, setLoginName] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const signedIn = await call('POST /setup', { body: { token, displayName, loginName, password, language } });
      queries.setQueryData(sessionQuery.queryKey, signedIn);
      await queries.invalidateQueries({ queryKey: settingsQuery.queryKey });
      await navigate({ to: '/' });
    } catch (error) {
      setProblem(problemText(error));
      setBusy(false);
    }
  }

  return (
    <SignInFrame title={t('setup.title')} lead={t('setup.lead')}>
      <form className="sign-in-form" onSubmit={(event) => void submit(event)} noValidate>
        {tokenFromLink === '' ? (
          <TextInput label={t('setup.token')} value={token} onChange={(e) => setToken(e.currentTarget.value)} />
        ) : null}
        <TextInput
          label={t('users.displayName')}
          autoComplete="name"
          value={displayName}
          onChange={(e) => setDisplayName(e.currentTarget.value)}
        />
        <TextInput
          label={t('login.name')}
          autoComplete="username"
          autoCapitalize="none"
          value={loginName}
          onChange={(e) => setLoginName(e.currentTarget.value)}
        />
        <PasswordInput
          label={t('login.password')}
          description={t('users.passwordRule')}
          autoComplete="new-password"
          value={password}
          onChange={(e) => setPassword(e.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': t('login.showPassword') }}
        />
        {problem ? (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        ) : null}
        <Button type="submit" loading={busy} fullWidth>
          {t('setup.submit')}
        </Button>
      </form>
    </SignInFrame>
  );
}
