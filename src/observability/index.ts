export * from './alert-route';
export * from './alert-severity';
export * from './monitoring';
export * from './service-level-indicator';
export * from './service-level-objective';
export * from './watched';
