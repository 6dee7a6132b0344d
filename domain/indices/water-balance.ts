/** Volumes of one period, m³, of the IWA standard water balance. Exports count as billed. */
export interface WaterVolumes {
  readonly systemInput: number;
  readonly billedMetered: number;
  readonly billedUnmetered: number;
  readonly unbilledMetered: number;
  readonly unbilledUnmetered: number;
  /** Taken without a contract. */
  readonly unauthorised: number;
  /** Lost to meters and their reading. */
  readonly meterErrors: number;
}

/** All m³ but the share. */
export interface WaterBalance {
  readonly billedAuthorised: number;
  readonly unbilledAuthorised: number;
  readonly authorised: number;
  readonly nonRevenue: number;
  /** Per cent of the input; `null` when nothing came in. */
  readonly nonRevenuePercent: number | null;
  readonly waterLosses: number;
  readonly apparentLosses: number;
  /** Negative means that a volume is wrong, not that water was won. */
  readonly realLosses: number;
}

export function waterBalanceOf(volumes: WaterVolumes): WaterBalance {
  const billedAuthorised = volumes.billedMetered + volumes.billedUnmetered;
  const unbilledAuthorised = volumes.unbilledMetered + volumes.unbilledUnmetered;
  const authorised = billedAuthorised + unbilledAuthorised;
  const nonRevenue = volumes.systemInput - billedAuthorised;
  const waterLosses = volumes.systemInput - authorised;
  const apparentLosses = volumes.unauthorised + volumes.meterErrors;
  return {
    billedAuthorised,
    unbilledAuthorised,
    authorised,
    nonRevenue,
    nonRevenuePercent: volumes.systemInput === 0 ? null : (100 * nonRevenue) / volumes.systemInput,
    waterLosses,
    apparentLosses,
    realLosses: waterLosses - apparentLosses,
  };
}

export interface PipeNetwork {
  readonly mainsKm: number;
  readonly connections: number;
  /** Private pipe from property line to meter, all together. */
  readonly privatePipeKm: number;
  /** Mean, metres of head. */
  readonly pressureMetres: number;
}

/**
 * Real losses that a well-run network can't avoid, L/day: `(18·Lm + 0.8·Nc + 25·Lp)·P`. Meant for some thousands of connections, more than 20 of
 * them a kilometre and pressure above 25 m.
 */
export const unavoidableLosses = ({ mainsKm, connections, privatePipeKm, pressureMetres }: PipeNetwork): number =>
  (18 * mainsKm + 0.8 * connections + 25 * privatePipeKm) * pressureMetres;

/** Infrastructure leakage index: real losses (m³/year) by the unavoidable ones; `null` without a network. */
export function leakageIndex(realLossesPerYear: number, network: PipeNetwork): number | null {
  const unavoidable = unavoidableLosses(network);
  return unavoidable === 0 ? null : (realLossesPerYear * 1000) / 365 / unavoidable;
}
