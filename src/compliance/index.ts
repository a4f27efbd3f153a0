export * from './account-security';
export * from './account-security-props';
export * from './account-service';
export * from './config-rules';
