export * from './app-table';
export * from './app-table-props';
export * from './database-capacity';
export * from './database-recovery-point';
export * from './postgres-database';
export * from './postgres-database-props';
