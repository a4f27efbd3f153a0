export * from './github-role';
export * from './image-registry';
