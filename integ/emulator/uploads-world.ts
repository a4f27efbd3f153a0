import * as fs from 'fs';
import * as path from 'path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand, LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, GetObjectCommandOutput, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, Message, ReceiveMessageCommand, SendMessageCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { CdkCli } from './cdk';
import { deployedReferences } from './edge/deployed-stack';
import { EdgeServer } from './edge/edge-server';
import { Template } from './edge/template';
import { Emulator } from './emulator';
import { run, waitFor } from './process';
import { pythonEnvironment, REPOSITORY } from './python';

/** What the API of the app is told, and where the parts are. */
export type UploadsEnvironment = { readonly [name: string]: string };

export interface SignedUpload {
  readonly name: string;
  readonly url: string;
  readonly fields: { readonly [name: string]: string };
}

/** An account with uploads in it, and an API that signs them with the snippets of the documentation. */
export class UploadsWorld {
  public readonly cdk: CdkCli;
  public readonly s3: S3Client;
  private readonly sqs: SQSClient;
  private readonly lambda: LambdaClient;
  private readonly cloudFormation: CloudFormationClient;
  private readonly documentation = fs.readFileSync(path.join(REPOSITORY, 'docs/uploads.md'), 'utf8');

  constructor(private readonly emulator: Emulator) {
    const { clientSettings } = emulator;
    this.cdk = new CdkCli(emulator, 'npx tsx --tsconfig tsconfig.dev.json integ/emulator/uploads-app.ts');
    this.s3 = new S3Client({ ...clientSettings, forcePathStyle: true });
    this.sqs = new SQSClient(clientSettings);
    this.lambda = new LambdaClient(clientSettings);
    this.cloudFormation = new CloudFormationClient(clientSettings);
  }

  public async environmentOf(stack: string): Promise<UploadsEnvironment> {
    const { Stacks } = await this.cloudFormation.send(new DescribeStacksCommand({ StackName: stack }));
    return JSON.parse(Stacks![0].Outputs!.find(({ OutputKey }) => OutputKey === 'Environment')!.OutputValue!);
  }

  /** Runs the JavaScript of the documentation, with a line behind it. */
  public async javascript(environment: UploadsEnvironment, expression: string): Promise<SignedUpload> {
    const code = `${this.snippet('js')}\nconsole.log(JSON.stringify(await ${expression}));`;
    return this.lastLine([process.execPath, '--no-warnings', '--input-type=module', '-e', code], environment);
  }

  /** Runs the Python of the documentation, with a line behind it. */
  public async python(environment: UploadsEnvironment, expression: string): Promise<SignedUpload> {
    const { python } = await pythonEnvironment('emulator', 'integ/emulator/requirements.txt');
    return this.lastLine([python, '-c', `${this.snippet('python')}\nprint(json.dumps(${expression}))`], environment);
  }

  /** As the browser's snippet does. */
  public async post({ url, fields }: SignedUpload, file: Buffer, changed: object = {}): Promise<Response> {
    const form = new FormData();
    for (const [field, value] of Object.entries({ ...fields, ...changed })) form.append(field, value);
    form.append('file', new Blob([new Uint8Array(file)]), 'photo.jpg');
    return fetch(url, { method: 'POST', body: form });
  }

  public async read(Bucket: string, Key: string): Promise<GetObjectCommandOutput & { readonly bytes: Buffer } | undefined> {
    try {
      const found = await this.s3.send(new GetObjectCommand({ Bucket, Key }));
      return { ...found, bytes: Buffer.from(await found.Body!.transformToByteArray()) };
    } catch (error) {
      if ((error as Error).name === 'NoSuchKey') return undefined;
      throw error;
    }
  }

  public async resultOf({ IMAGES_BUCKET }: UploadsEnvironment, name: string, seconds = 60) {
    return waitFor(`result of ${name}`, seconds, async () => {
      const found = await this.read(IMAGES_BUCKET, `results/${name}.json`);
      if (!found) throw new Error('none yet');
      return JSON.parse(found.bytes.toString());
    });
  }

  public async versionsOf(Bucket: string, Prefix: string): Promise<string[]> {
    const { Versions = [] } = await this.s3.send(new ListObjectVersionsCommand({ Bucket, Prefix }));
    return Versions.map(({ Key, VersionId }) => `${Key} ${VersionId}`).sort();
  }

  public async send(QueueUrl: string, body: string | object): Promise<void> {
    await this.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: typeof body === 'string' ? body : JSON.stringify(body) }));
  }

  /** Takes one message out of a queue. */
  public async take(QueueUrl: string, seconds = 60): Promise<Message> {
    return waitFor('a message', seconds, async () => {
      const { Messages: [message] = [] } = await this.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
      if (!message) throw new Error('none yet');
      await this.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
      return message;
    });
  }

  /** So that nobody has to wait six minutes for the next attempt. */
  public async hurry(QueueUrl: string): Promise<void> {
    await this.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '5' } }));
  }

  /** Breaks the function by telling it of a bucket that is not there, or mends it. */
  public async setImagesBucket(FunctionName: string, bucket: string): Promise<void> {
    const { Environment } = await this.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const Variables = { ...Environment!.Variables, IMAGES_BUCKET: bucket };
    await this.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
  }

  /** CloudFront, as the deployed template has it. */
  public async openSite(stack: string): Promise<EdgeServer> {
    const { emulator } = this;
    const template: Template = JSON.parse(fs.readFileSync(path.join(emulator.directory, 'cdk.out', `${stack}.template.json`), 'utf8'));
    return EdgeServer.start({
      template,
      resolve: await deployedReferences(emulator, stack, template),
      s3Endpoint: emulator.environment.AWS_ENDPOINT_URL,
      authority: emulator.authority,
    });
  }

  private snippet(language: string): string {
    return this.documentation.match(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``))![1];
  }

  private async lastLine(command: readonly string[], environment: UploadsEnvironment): Promise<SignedUpload> {
    const output = await run(command, { cwd: REPOSITORY, environment: { ...this.emulator.processEnvironment(), ...environment } });
    return JSON.parse(output.trim().split('\n').at(-1)!);
  }
}
