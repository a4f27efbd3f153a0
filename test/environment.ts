// The built-in template validation of newer aws-cdk-lib costs seconds in each process; one dedicated test turns it on.
process.env.CDK_VALIDATION ??= 'false';
// CDK's own TableV2 warns of its own props, in the lowest version that is supported.
process.env.JSII_DEPRECATED ??= 'quiet';
