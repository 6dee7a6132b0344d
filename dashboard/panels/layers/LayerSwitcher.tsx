import { Menu } from '@mantine/core';
import { MAP_LAYERS, type MapLayer } from '../../../domain/map-lines.ts';
import { IconStack2 } from '../../components/icons.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { toggledLayer } from '../../state/map-layers.ts';

/** Chooses what is laid over the map. */
export function LayerSwitcher({
  layers,
  onChange,
}: {
  layers: readonly MapLayer[];
  onChange: (layers: readonly MapLayer[]) => void;
}) {
  const { t } = useLanguage();
  const label = layers.length === 0 ? t('layers.title') : t('layers.titleChosen', { count: layers.length });
  return (
    <Menu closeOnItemClick={false} position="left-end" withinPortal>
      <Menu.Target>
        <button
          type="button"
          className="icon-button"
          aria-label={label}
          title={t('layers.title')}
          data-active={layers.length > 0 || undefined}
        >
          <IconStack2 size={18} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('layers.title')}</Menu.Label>
        {MAP_LAYERS.map((layer) => (
          <Menu.CheckboxItem
            key={layer}
            checked={layers.includes(layer)}
            onChange={() => onChange(toggledLayer(layers, layer))}
          >
            {t(`layers.name.${layer}`)}
          </Menu.CheckboxItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
