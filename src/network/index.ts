export * from './web-network';
