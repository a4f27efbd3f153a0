export * from './monitoring';
export * from './watched';
