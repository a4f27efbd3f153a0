// The built-in template validation of newer aws-cdk-lib costs seconds in each process; one dedicated test turns it on.
process.env.CDK_VALIDATION ??= 'false';
