export * from './search-domain';
export * from './search-domain-props';
export * from './search-ingestion';
export * from './search-ingestion-props';
