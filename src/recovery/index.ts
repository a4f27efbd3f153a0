export * from './recovery';
export * from './recovery-objective';
export * from './recovery-props';
export * from './vault-lock';
