export * from './desktop-release-workflow';
export * from './desktop-releases';
export * from './desktop-releases-props';
export * from './desktop-system';
export * from './github-delivery';
export * from './github-delivery-props';
export * from './old-versions';
export * from './publish-configuration';
