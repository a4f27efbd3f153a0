import { Duration } from 'aws-cdk-lib';
import { checkDuration, checkGiven, checkInteger, checkPort, checkText } from '../validate';

/** Which page is asked for after a build, and what is right about its answer. */
export interface BuildSmokeTestOptions {
  /** Path of the page, such as /login. */
  readonly path: string;
  /**
   * Starts the server that was built. It has to listen on `PORT`.
   * @default - npm start; an app without a server needs one, such as npx vite preview --port 3000
   */
  readonly startCommand?: string;
  /**
   * Port that the server listens on; it has it as the variable `PORT`.
   * @default 3000
   */
  readonly port?: number;
  /**
   * Status of a right answer. A redirect is not followed.
   * @default 200
   */
  readonly expectedStatus?: number;
  /**
   * Text that the page contains, on one line.
   * @default - any text is right
   */
  readonly contains?: string;
  /**
   * How long the server may take until it answers, in whole seconds up to ten minutes.
   * @default Duration.seconds(60)
   */
  readonly timeout?: Duration;
}

/** A test of what was built, in the build itself: what fails it is never deployed. */
export class BuildSmokeTest {
  /** Starts the server, asks it for one page, and stops it. */
  public static page(options: BuildSmokeTestOptions): BuildSmokeTest {
    return new BuildSmokeTest(options);
  }

  /** Path of the page. */
  public readonly path: string;
  /** Starts the server; undefined is `npm start`. */
  public readonly startCommand?: string;
  /** Port that the server listens on. */
  public readonly port: number;
  /** Status of a right answer. */
  public readonly expectedStatus: number;
  /** Text that the page contains. */
  public readonly contains?: string;
  /** How long the server may take until it answers. */
  public readonly timeout: Duration;

  private constructor(options: BuildSmokeTestOptions) {
    const where = 'BuildSmokeTest.page';
    checkGiven(where, 'options', options, 'an object with the path of the page');
    checkGiven(where, 'path', options.path, 'a path, such as /login');
    checkText(where, 'path', options.path, /^\/[!-~]*$/, 'a path that begins with / and has neither spaces nor letters beyond ASCII, such as /login');
    checkText(where, 'startCommand', options.startCommand, /\S/, 'a command, such as npm start');
    checkPort(where, 'port', options.port);
    checkInteger(where, 'expectedStatus', options.expectedStatus, 200, 599);
    checkText(where, 'contains', options.contains, /^[^\r\n]+$/, 'text on one line');
    checkDuration(where, 'timeout', options.timeout, 1, 600);
    this.path = options.path;
    this.startCommand = options.startCommand;
    this.port = options.port ?? 3000;
    this.expectedStatus = options.expectedStatus ?? 200;
    this.contains = options.contains;
    this.timeout = options.timeout ?? Duration.seconds(60);
  }
}
