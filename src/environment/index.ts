export * from './environment-overrides';
export * from './environment-profile';
export * from './nat-strategy';
export * from './release-strategy';
