export * from './amplify-multi-branch-app';
export * from './amplify-multi-branch-app-props';
export * from './data-access';
export * from './fargate-api-with-rds';
export * from './fargate-api-with-rds-props';
export * from './static-cdn-site';
export * from './static-cdn-site-props';
