/**
 * How Amplify Hosting serves an app.
 * @see https://docs.aws.amazon.com/amplify/latest/APIReference/API_App.html
 */
export enum AmplifyPlatform {
  /** Files that the build made. */
  STATIC = 'WEB',
  /** A server renders pages when they are asked for, beside files that the build made. */
  SSR = 'WEB_COMPUTE',
}
