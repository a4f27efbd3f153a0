export * from './stateful-guard';
