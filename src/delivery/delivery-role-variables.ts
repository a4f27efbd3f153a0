/** The variables on GitHub by which workflows know the roles. */
export const DELIVERY_ROLE_VARIABLES = {
  /** Of an environment, by the same name in each. */
  environment: 'DELIVERY_ROLE_ARN',
  /** Of the repository. */
  build: 'DELIVERY_BUILD_ROLE_ARN',
};

/** The environment on GitHub whose jobs may look at an environment and change nothing. */
export function readEnvironment(environment: string): string {
  return `${environment}-read`;
}
