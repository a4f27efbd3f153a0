export * from './image-format';
export * from './image-size';
export * from './image-uploads';
export * from './image-uploads-props';
