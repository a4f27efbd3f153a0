export * from './recovery';
export * from './recovery-objective';
export * from './recovery-props';
export * from './stateful-guard';
export * from './vault-lock';
