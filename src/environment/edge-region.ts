/** Where CloudFront takes its certificates and firewalls from, and where it tells its metrics. */
export const EDGE_REGION = 'us-east-1';
