/** What electron-builder's configuration has as `publish`: where the built app looks for updates. @see https://www.electron.build/publish */
export interface PublishConfiguration {
  /** Kind of server: 'generic', which only serves files. */
  readonly provider: string;
  /** Address of the feeds. */
  readonly url: string;
  /**
   * Channel of the app.
   * @default - electron-builder takes it from the version: 1.3.0-beta.1 is of beta, 1.3.0 of latest
   */
  readonly channel?: string;
  /**
   * Whether the app asks for several parts of a file in one request. S3 knows no such requests, so it is false, and the app asks for one part after
   * the other. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
   */
  readonly useMultipleRangeRequest: boolean;
}
