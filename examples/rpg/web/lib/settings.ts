/** What the app cannot do without. /api/health says which of them are missing. */
export const REQUIRED_SETTINGS = [
  'NEXTAUTH_URL',
  'COGNITO_USER_POOL_ID',
  'COGNITO_CLIENT_ID',
  'AWS_REGION',
  'DYNAMODB_TABLE_NAME',
  'AWS_S3_BUCKET_NAME',
  'NEXTAUTH_SECRET',
  'COGNITO_CLIENT_SECRET',
] as const;

export type Setting = (typeof REQUIRED_SETTINGS)[number];

/** The value of a setting, read when it is needed: secrets arrive after the modules of the server are loaded. */
export function setting(name: Setting): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`The setting ${name} is missing.`);
  }
  return value;
}

export function missingSettings(): Setting[] {
  return REQUIRED_SETTINGS.filter((name) => !process.env[name]);
}

/** The host that players see, which tells the environments apart; undefined when NEXTAUTH_URL is not there or is not an address. */
export function environmentName(): string | undefined {
  const address = process.env.NEXTAUTH_URL ?? '';
  return URL.canParse(address) ? new URL(address).host : undefined;
}
