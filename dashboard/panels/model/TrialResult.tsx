import type { CodecTrialResultWire } from '../../../api/contract/models.ts';
import { useCity } from '../../client/use-city.tsx';
import { useValueText } from '../../components/Reading.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatNumber } from '../../state/formatting.ts';

/** What became of a payload: what would be kept first, then what the codec said, then what it returned. */
export function TrialResult({ result }: { result: CodecTrialResultWire }) {
  const { t, language } = useLanguage();
  const valueText = useValueText();
  const { quantities } = useCity();
  const { outcome, values, unknownKeys, silentChannels, problems, warnings, errors, console: lines } = result;
  return (
    <div className="trial-result" data-outcome={outcome.kind}>
      {outcome.kind === 'failed' ? (
        <div role="alert">
          <p className="form-problem">
            <strong>{t(`quarantineCode.${outcome.code}`)}</strong>
            {outcome.place ? ` · ${t('models.trial.line', { line: outcome.place.line })}` : ''}
          </p>
          {errors.length === 0 ? <p lang="en">{outcome.detail}</p> : null}
        </div>
      ) : (
        <table className="trial-values">
          <caption className="visually-hidden">{t('models.trial.values')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('models.channel.key')}</th>
              <th scope="col">{t('alarms.quantity')}</th>
              <th scope="col" className="numeric">
                {t('models.trial.kept')}
              </th>
            </tr>
          </thead>
          <tbody>
            {values.map(({ channel, quantity, value, quality }) => {
              const known = quantities.get(quantity);
              return (
                <tr key={channel} data-quality={quality}>
                  <th scope="row">{channel}</th>
                  <td>{known?.name[language] ?? quantity}</td>
                  <td className="numeric">
                    {valueText(value, known)}
                    {quality === 'good' ? null : <span className="secondary"> · {t(`models.trial.${quality}`)}</span>}
                  </td>
                </tr>
              );
            })}
            {silentChannels.map((channel) => (
              <tr key={channel} className="secondary">
                <th scope="row">{channel}</th>
                <td colSpan={2}>{t('models.trial.silent')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {unknownKeys.length > 0 ? (
        <p>
          <strong>{t('models.trial.unknown')}</strong> <span lang="zxx">{unknownKeys.join(', ')}</span>
        </p>
      ) : null}
      {problems.map((problem) => (
        <p key={`${problem.quantity} ${problem.code}`} className="form-problem">
          {t(`quarantineCode.${problem.code}`)} · <span lang="zxx">{problem.quantity}</span>
        </p>
      ))}
      <Said title={t('models.trial.errors')} lines={errors} />
      <Said title={t('models.trial.warnings')} lines={warnings} />
      <Said title={t('models.trial.console')} lines={lines} />
      {outcome.kind === 'decoded' ? (
        <details>
          <summary>{t('models.trial.data')}</summary>
          <pre className="code-block">{JSON.stringify(outcome.data, null, 2)}</pre>
        </details>
      ) : null}
      <p className="secondary small">
        {t('models.trial.took', { milliseconds: formatNumber(result.computedMs, 1, language) })}
      </p>
    </div>
  );
}

function Said({ title, lines }: { title: string; lines: readonly string[] }) {
  return lines.length === 0 ? null : (
    <div>
      <h4 className="small secondary">{title}</h4>
      {/* In whatever language the codec's author writes. */}
      <pre className="code-block" lang="zxx">
        {lines.join('\n')}
      </pre>
    </div>
  );
}
