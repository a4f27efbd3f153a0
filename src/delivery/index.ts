export * from './delivery-roles';
export * from './delivery-roles-props';
export * from './desktop-release-workflow';
export * from './desktop-releases';
export * from './desktop-releases-props';
export * from './desktop-system';
export * from './old-versions';
export * from './publish-configuration';
