export * from './environment';
export * from './observability';
