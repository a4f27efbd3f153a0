export * from './migrations';
export * from './migrations-options';
export * from './release-operator';
export * from './smoke-test';
export * from './smoke-tests';
