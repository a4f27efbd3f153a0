export * from './sign-in-client';
export * from './sign-in-client-options';
export * from './sign-in-domain';
export * from './sign-in-provider';
export * from './user-directory';
export * from './user-directory-props';
