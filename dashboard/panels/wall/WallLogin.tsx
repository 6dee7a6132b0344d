import { useState } from 'react';
import { linkDisplay } from '../../client/display.ts';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { Lighthouse } from '../../shell/Lighthouse.tsx';

/** A dark screen that says why, in type to be read from afar, and takes a code. */
export function WallLogin({ isRevoked, onLinked }: { isRevoked: boolean; onLinked: () => void }) {
  const { t } = useLanguage();
  const problemText = useProblemText();
  const [code, setCode] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  async function link(): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await linkDisplay(code);
      onLinked();
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <main className="wall-dark">
      <Lighthouse size={64} />
      <h1>{t(isRevoked ? 'wall.revoked' : 'wall.unlinked')}</h1>
      <p>{t(isRevoked ? 'wall.revokedHint' : 'wall.unlinkedHint')}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void link();
        }}
      >
        <label>
          {t('wall.code')}
          <input
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            placeholder="0000-0000-0000"
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            maxLength={64}
          />
        </label>
        <button type="submit" disabled={code.trim() === '' || isBusy}>
          {t('wall.link')}
        </button>
      </form>
      {problem === null ? null : (
        <p role="alert" className="wall-problem">
          {problem}
        </p>
      )}
    </main>
  );
}
