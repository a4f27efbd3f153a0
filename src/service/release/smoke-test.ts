import { Duration } from 'aws-cdk-lib';

/**
 * A request that a new version must answer as expected before users meet it. All tests of a release run at the same time and are over
 * after two minutes; what has not been answered by then has failed.
 */
export interface SmokeTest {
  /** Path, with a query if need be, such as `/health`. Letters beyond ASCII and spaces are written as `%20`. */
  readonly path: string;
  /**
   * Method: GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS. A test is tried again after a failure, so it should be one that does no harm twice.
   * @default 'GET'
   */
  readonly method?: string;
  /**
   * Headers of the request. They are readable in the template and in the function's configuration: no place for a secret.
   * A `Host` is also the name that is asked for in TLS.
   * @default - none of your own
   */
  readonly headers?: { [name: string]: string };
  /**
   * Text that is sent, such as JSON together with a `Content-Type` header. It is readable like the headers.
   * @default - none
   */
  readonly body?: string;
  /**
   * Status of the answer, 200 to 599. Redirects are not followed: the status of one is 301, 302, 307 or 308.
   * @default 200
   */
  readonly expectedStatus?: number;
  /**
   * Fields of the answer's JSON by their path, such as `{ status: 'healthy', 'checks.database.ok': 'true', 'items.0.id': '1' }`.
   * Values are compared as text; an object or a list as its JSON without spaces.
   * @default - the answer's fields are not looked at
   */
  readonly expectedFields?: { [dottedPath: string]: string };
  /**
   * Text that the answer contains within its first megabyte, letter by letter: of a page its HTML as the server sends it, before any script runs.
   * @default - the answer's text is not looked at
   */
  readonly expectedText?: string;
  /**
   * Time for the whole answer of one try, 1 to 60 seconds.
   * @default Duration.seconds(10)
   */
  readonly timeout?: Duration;
  /**
   * Further tries after a failed one, 0 to 10. The first comes after one second, the next after two more, and so on.
   * @default 2
   */
  readonly retries?: number;
}
