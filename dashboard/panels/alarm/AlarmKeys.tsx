import { useLanguage } from '../../i18n/use-language.ts';

const KEYS = [
  ['J  K', 'alarms.keys.move'],
  ['Enter', 'alarms.keys.open'],
  ['Esc', 'alarms.keys.close'],
  ['X', 'alarms.keys.pick'],
  ['Shift+J  Shift+K', 'alarms.keys.pickAlong'],
  ['Ctrl+A', 'alarms.keys.pickAll'],
  ['A', 'alarms.keys.acknowledge'],
  ['W', 'alarms.keys.startWork'],
  ['G', 'alarms.keys.assign'],
  ['C', 'alarms.keys.comment'],
  ['S', 'alarms.keys.shelve'],
  ['E', 'alarms.keys.unshelve'],
  ['R', 'alarms.keys.resolve'],
  ['U', 'alarms.keys.undo'],
  ['F', 'alarms.keys.filter'],
  ['M', 'alarms.keys.mute'],
  ['/', 'alarms.keys.search'],
  ['?', 'alarms.keys.help'],
] as const;

/** Everything the list can be told by keys. Steps go to the picked alarms, or to the one the keyboard stands on. */
export function AlarmKeys() {
  const { t } = useLanguage();
  return (
    <>
      <p className="small secondary">{t('alarms.keys.hint')}</p>
      <dl className="help-keys">
        {KEYS.map(([keys, what]) => (
          <HelpKey key={keys} keys={keys} what={t(what)} />
        ))}
      </dl>
    </>
  );
}

function HelpKey({ keys, what }: { keys: string; what: string }) {
  return (
    <>
      <dt>
        {keys.split('  ').map((key) => (
          <kbd key={key} style={{ marginRight: 4 }}>
            {key}
          </kbd>
        ))}
      </dt>
      <dd>{what}</dd>
    </>
  );
}
