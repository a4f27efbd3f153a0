export * from './app-bucket';
export * from './app-bucket-props';
