/** The pages of putting one device up, in their order. */
export const INSTALL_STEPS = ['place', 'photos', 'checks'] as const;
export type InstallStep = (typeof INSTALL_STEPS)[number];
