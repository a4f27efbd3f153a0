/** The variables of a GitHub repository by which its workflow knows the releases' bucket and address. */
export const RELEASE_VARIABLES = {
  role: 'RELEASES_ROLE_ARN',
  region: 'RELEASES_REGION',
  bucket: 'RELEASES_BUCKET',
  distribution: 'RELEASES_DISTRIBUTION_ID',
  url: 'RELEASES_URL',
};
