import type { CitySeed } from '../../domain/ports/registry.ts';
import type { FactsByPoint } from './facts.ts';
import { DEVICE_MODELS } from './hai-phong/device-models.ts';
import { addEnvironment } from './hai-phong/environment.ts';
import { agency, createCityBuilder } from './hai-phong/place.ts';
import { addPower } from './hai-phong/power.ts';
import { POWER_RULES } from './hai-phong/power-rules.ts';
import { STREET_RULES } from './hai-phong/street-rules.ts';
import { addTraffic } from './hai-phong/traffic.ts';
import { addWater } from './hai-phong/water.ts';
import { WATER_RULES } from './hai-phong/water-rules.ts';

const AGENCIES = [
  agency('transport', 'Sở Xây dựng thành phố Hải Phòng', 'Department of Construction (transport)'),
  agency('water-supply', 'Công ty Cổ phần Cấp nước Hải Phòng', 'Hải Phòng Water Supply Company'),
  agency('drainage', 'Công ty TNHH MTV Thoát nước Hải Phòng', 'Hải Phòng Sewerage and Drainage Company'),
  agency('hydromet', 'Đài Khí tượng Thủy văn thành phố Hải Phòng', 'Hải Phòng Hydrometeorological Station'),
  agency('power', 'Công ty Điện lực Hải Phòng', 'Hải Phòng Power Company'),
  agency('environment', 'Sở Nông nghiệp và Môi trường Hải Phòng', 'Department of Agriculture and Environment'),
] as const;

const builder = createCityBuilder(DEVICE_MODELS);
addTraffic(builder);
addWater(builder);
addPower(builder);
addEnvironment(builder);

/**
 * Hải Phòng (with Hải Dương, since July 2025) as one seed for the registry: six agencies, their sites, networks, points, devices
 * and alarm rules. Devices carry no tokens: a real city gives each its own; the demo derives them (`demo-tokens.ts`).
 */
export const haiPhong: CitySeed = {
  agencies: AGENCIES,
  models: DEVICE_MODELS,
  ...builder.drafts,
  rules: [...STREET_RULES, ...WATER_RULES, ...POWER_RULES],
};

/** Capacities, distances and classes of the points, for the simulated street. */
export const haiPhongFacts: FactsByPoint = builder.facts;
