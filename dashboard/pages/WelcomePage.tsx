import { Button, PasswordInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { call } from '../client/http.ts';
import { useProblemText } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { SignInFrame } from './SignInFrame.tsx';

/** Where a one-time link leads: somebody chooses a password. */
export function WelcomePage() {
  const { t } = useLanguage();
  const problemText = useProblemText();
  const [token] = useState(() => decodeURIComponent(window.location.hash.slice(1)));
  const [password, setPassword] = useState('');
  const [loginName, setLoginName] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const redeemed = await call('POST /invitations/redeem', { body: { token, password } });
      setLoginName(redeemed.loginName);
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  }

  if (loginName !== null) {
    return (
      <SignInFrame title={t('welcome.done')} lead={t('welcome.doneLead', { name: loginName })}>
        <Link to="/login">{t('login.submit')}</Link>
      </SignInFrame>
    );
  }
  return (
    <SignInFrame title={t('welcome.title')} lead={t('welcome.lead')}>
      <form className="sign-in-form" onSubmit={(event) => void submit(event)} noValidate>
        <PasswordInput
          label={t('users.newPassword')}
          description={t('users.passwordRule')}
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': t('login.showPassword') }}
        />
        {problem ? (
          <p className="form-problem" role="alert">
            {problem}
          </p>
        ) : null}
        <Button type="submit" loading={busy} disabled={token === ''} fullWidth>
          {t('welcome.submit')}
        </Button>
      </form>
    </SignInFrame>
  );
}
