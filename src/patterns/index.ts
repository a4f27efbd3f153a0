export * from './data-access';
export * from './fargate-api-with-rds';
export * from './fargate-api-with-rds-props';
