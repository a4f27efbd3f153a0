export * from './watched';
