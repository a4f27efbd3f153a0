export * from './alert-route';
export * from './alert-severity';
export * from './monitoring';
export * from './watched';
