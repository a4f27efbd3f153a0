export * from './environment';
export * from './observability';
export * from './service';
