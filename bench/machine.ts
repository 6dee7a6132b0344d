import { cpus, totalmem } from 'node:os';

/** The machine the figures were taken on, in one line. */
export const MACHINE = `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
