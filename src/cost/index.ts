export * from './budget';
export * from './cost-anomaly-monitor';
export * from './cost-estimate';
export * from './cost-report';
export * from './cost-usage';
export * from './working-hours';
