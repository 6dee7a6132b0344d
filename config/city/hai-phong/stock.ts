import type { AgencyId, DeviceId, DeviceModelId } from '../../../domain/identifiers.ts';
import type { CitySeed } from '../../../domain/ports/registry.ts';

const boxed = (id: string, agency: string, model: string): CitySeed['devices'][number] => ({
  id: id as DeviceId,
  agencyId: agency as AgencyId,
  modelId: model as DeviceModelId,
  serialNumber: `HD${id.replaceAll('-', '').toUpperCase()}`,
  state: 'in_stock',
  tokenSha256: null,
  serves: [],
});

/**
 * A van's load for trying the installer's app in the demo: devices in stock that serve nothing yet. Models that report every minute, so that
 * the check of their interval doesn't keep anybody waiting, and one that reports seldom.
 */
export const HAI_PHONG_STOCK: CitySeed['devices'] = [
  boxed('kho-on-01', 'environment', 'noise'),
  boxed('kho-on-02', 'environment', 'noise'),
  boxed('kho-ngap-01', 'drainage', 'water-flood'),
  boxed('kho-radar-01', 'transport', 'traffic-radar'),
  boxed('kho-khi-tuong-01', 'hydromet', 'weather'),
];
