export * from './cache-capacity';
export * from './cache-engine';
export * from './redis-cache';
export * from './redis-cache-props';
