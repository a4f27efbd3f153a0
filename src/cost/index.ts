export * from './budget';
export * from './cost-anomaly-monitor';
export * from './working-hours';
