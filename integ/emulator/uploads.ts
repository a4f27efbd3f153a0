/*
 * Uploads, deployed by the real CDK CLI: real files go through presigned POSTs into a real bucket, through its queue into the function as it is packed, with
 * its WebAssembly, and come out behind the edge. What fails is put aside and put back.
 */
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { GetBucketCorsCommand } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { Checks } from './checks';
import { Visitor } from './edge/visitor';
import { Emulator } from './emulator';
import { runSuite } from './suite';
import { SignedUpload, UploadsEnvironment, UploadsWorld } from './uploads-world';
import { bomb, heic, moving, phonePhoto, photo, transparent, truncated } from '../../test/uploads/image-files';

const STACK = 'Uploads';
const SCANNED = 'Scanned';
const checks = new Checks();

class UploadsSuite {
  private readonly world: UploadsWorld;
  private environment!: UploadsEnvironment;

  constructor(private readonly emulator: Emulator) {
    this.world = new UploadsWorld(emulator);
  }

  public async run(): Promise<void> {
    const { world } = this;
    await world.cdk.bootstrap();
    await checks.step('deploying', () => world.cdk.deploy([STACK, SCANNED], { quiet: true }));
    this.environment = await world.environmentOf(STACK);
    await this.checkAccess();
    await checks.step('a photo of twelve megapixels', () => this.checkPhoto());
    await checks.step('other images', () => this.checkOthers());
    await checks.step('what is refused', () => this.checkRefused());
    await checks.step('what S3 refuses', () => this.checkPolicy());
    await checks.step('messages that come twice, and one that is none', () => this.checkMessages());
    await checks.step('a function that fails, and is mended', () => this.checkRedrive());
    await checks.step('uploads that are scanned', () => this.checkScanned());
  }

  private async sign(type: string): Promise<SignedUpload> {
    return this.world.javascript(this.environment, `signUpload('${type}')`);
  }

  private async upload(file: Buffer, type = 'image/jpeg'): Promise<string> {
    const signed = await this.sign(type);
    const { status } = await this.world.post(signed, file);
    checks.check(`S3 takes an upload of ${type}`, status === 204, status);
    return signed.name;
  }

  private async checkAccess(): Promise<void> {
    const { world, environment: { UPLOADS_BUCKET, IMAGES_BUCKET, API_ROLE } } = this;
    const { CORSRules } = await world.s3.send(new GetBucketCorsCommand({ Bucket: UPLOADS_BUCKET }));
    checks.check('only pages that were named may upload', CORSRules!.flatMap(({ AllowedOrigins }) => AllowedOrigins).join() === 'http://localhost:3000', CORSRules);
    const iam = new IAMClient(this.emulator.clientSettings);
    for (const [action, resource, allowed] of [
      ['s3:PutObject', `${UPLOADS_BUCKET}/uploads/a`, true], ['s3:PutObject', `${UPLOADS_BUCKET}/a`, false], ['s3:GetObject', `${UPLOADS_BUCKET}/uploads/a`, false],
      ['s3:GetObject', `${IMAGES_BUCKET}/results/a.json`, true], ['s3:GetObject', `${IMAGES_BUCKET}/images/a`, true], ['s3:PutObject', `${IMAGES_BUCKET}/images/a`, false],
    ] as const) {
      const { EvaluationResults } = await iam.send(new SimulatePrincipalPolicyCommand({
        PolicySourceArn: API_ROLE, ActionNames: [action], ResourceArns: [`arn:aws:s3:::${resource}`],
      }));
      const decision = EvaluationResults![0].EvalDecision;
      checks.check(`the API ${allowed ? 'may' : 'may not'} ${action} ${resource}`, (decision === 'allowed') === allowed, decision);
    }
  }

  private async checkPhoto(): Promise<void> {
    const { world, environment } = this;
    const file = await phonePhoto();
    const signed = await world.python(environment, "sign_upload('image/jpeg')");
    checks.check('Python signs, and S3 takes it', (await world.post(signed, file)).status === 204, signed.url);
    const result = await world.resultOf(environment, signed.name);
    checks.check('it is ready, and known as upright', result.status === 'ready' && result.source.width === 3000 && result.source.height === 4000, result);
    const read = await world.python(environment, `read_result('${signed.name}')`);
    checks.check('Python reads the same result', JSON.stringify(read) === JSON.stringify(result), read);

    const sizes = ['small 240x320', 'medium 600x800', 'large 1200x1600'].flatMap(size => [`${size} webp`, `${size} jpeg`]);
    const told = result.images.map(({ size, width, height, format }: { [name: string]: string }) => `${size} ${width}x${height} ${format}`);
    checks.check('three sizes in two formats', told.join() === sizes.join(), told);
    for (const { key, width, height, format, bytes } of result.images) {
      const image = (await world.read(environment.IMAGES_BUCKET, key))!;
      const { exif, ...metadata } = await sharp(image.bytes).metadata();
      const holds = metadata.width === width && metadata.height === height && metadata.format === format && image.bytes.length === bytes;
      checks.check(`${key} is what was told`, holds, metadata);
      checks.check(`${key} does not say where it was taken`, exif === undefined && !image.bytes.includes('Phone'), exif?.toString('latin1'));
      checks.check(`${key} has its type, and may be kept`, image.ContentType === `image/${format}` && image.CacheControl!.includes('immutable'), image.CacheControl);
    }
    await this.checkSite(signed.name);
  }

  private async checkSite(name: string): Promise<void> {
    const server = await this.world.openSite(STACK);
    try {
      const visitor = new Visitor(server, this.emulator.authority);
      const site = `https://${server.site.distribution.domainName}`;
      const { status, headers, body } = await visitor.get(`${site}/images/${name}/large.webp`);
      checks.check('the site serves the image', status === 200 && headers['content-type'] === 'image/webp' && (await sharp(body).metadata()).width === 1200, status);
      checks.check('its type is not guessed, and it is kept', headers['x-content-type-options'] === 'nosniff' && /immutable/.test(headers['cache-control']!), headers);
      const missing = await visitor.get(`${site}/images/${name}/huge.webp`);
      checks.check('what is not there is not found, and is no page', missing.status === 404, missing.status);
      for (const path of [`/results/${name}.json`, `/uploads/${name}`]) {
        const hidden = await visitor.get(`${site}${path}`);
        checks.check(`${path} is not served`, hidden.status === 404 && !hidden.body.includes('ready'), hidden.status);
      }
    } finally {
      await server.stop();
    }
  }

  private async checkOthers(): Promise<void> {
    const { world, environment } = this;
    for (const [type, file, pictures] of [
      ['image/png', await transparent(), 1], ['image/gif', await moving('gif'), 3], ['image/webp', await moving('webp'), 3],
      ['image/avif', await (await photo(500, 400)).avif({ effort: 0 }).toBuffer(), 1],
    ] as const) {
      const name = await this.upload(file, type);
      const result = await world.resultOf(environment, name);
      checks.check(`${type} is ready`, result.status === 'ready' && result.source.type === type && result.source.pictures === pictures, result);
      const image = (await world.read(environment.IMAGES_BUCKET, `images/${name}/medium.webp`))!;
      const { pages = 1, hasAlpha } = await sharp(image.bytes, { animated: true }).metadata();
      checks.check(`${type} moves as before`, pages === pictures, pages);
      if (type === 'image/png') checks.check('transparency stays', hasAlpha, hasAlpha);
    }
  }

  private async checkRefused(): Promise<void> {
    for (const [what, file, reason] of [
      ['a text named .jpg', Buffer.from('no image'), 'unknown-type'],
      ['a photo of an iPhone', heic(), 'type-not-accepted'],
      ['half a JPEG', truncated(await phonePhoto(800, 600)), 'unreadable'],
      ['a bomb', await bomb(), 'too-many-pixels'],
    ] as const) {
      const result = await this.world.resultOf(this.environment, await this.upload(file));
      checks.check(`${what} is refused`, result.status === 'refused' && result.reason === reason, result);
    }
  }

  private async checkPolicy(): Promise<void> {
    const { world, environment } = this;
    const large = await world.post(await this.sign('image/jpeg'), Buffer.alloc(Number(environment.UPLOADS_MAXIMUM_BYTES) + 1));
    checks.check('more than was signed', large.status === 400 && (await large.text()).includes('EntityTooLarge'), large.status);
    const changed = [{ 'Content-Type': 'text/html' }, { key: 'uploads/of-somebody-else' }, { key: 'elsewhere' }];
    for (const change of changed) {
      const { status } = await world.post(await this.sign('image/jpeg'), Buffer.from('x'), change);
      checks.check(`other than was signed: ${JSON.stringify(change)}`, status === 403, status);
    }
    const refused = await this.sign('image/heic').then(() => 'signed', error => `${error}`);
    checks.check('the API signs no type that is not accepted', refused.includes('image/heic is not accepted'), refused.slice(-200));
  }

  private async checkMessages(): Promise<void> {
    const { world, environment } = this;
    const name = await this.upload(await transparent(), 'image/png');
    const { upload } = await world.resultOf(environment, name);
    const before = await world.versionsOf(environment.IMAGES_BUCKET, '');
    const again = { source: 'aws.s3', detail: { bucket: { name: environment.UPLOADS_BUCKET }, object: upload } };
    await world.hurry(environment.QUEUE);
    // What is behind them in the queue is done only when they were.
    for (const message of [again, 'no message', again]) await world.send(environment.QUEUE, message);
    const { Body } = await world.take(environment.DEAD_LETTER_QUEUE);
    checks.check('what is no message is put aside, by itself', Body === 'no message', Body);
    const after = await world.versionsOf(environment.IMAGES_BUCKET, '');
    checks.check('messages that come twice change nothing', after.join() === before.join(), after.length - before.length);
  }

  private async checkRedrive(): Promise<void> {
    const { world, environment } = this;
    await world.setImagesBucket(environment.FUNCTION, `${environment.UPLOADS_BUCKET}-missing`);
    const name = await this.upload(await transparent(), 'image/png');
    const { Body } = await world.take(environment.DEAD_LETTER_QUEUE);
    checks.check('an upload that fails for no fault of its own is put aside', Body!.includes(name), Body);
    await world.setImagesBucket(environment.FUNCTION, environment.IMAGES_BUCKET);
    await world.send(environment.QUEUE, Body!);
    checks.check('put back, it becomes images', (await world.resultOf(environment, name)).status === 'ready', name);
  }

  /** GuardDuty is not here: its answers are sent as EventBridge would send them. */
  private async checkScanned(): Promise<void> {
    const { world } = this;
    const environment = await world.environmentOf(SCANNED);
    for (const [verdict, status] of [['NO_THREATS_FOUND', 'ready'], ['THREATS_FOUND', 'refused']]) {
      const signed = await world.javascript(environment, "signUpload('image/png')");
      await world.post(signed, await transparent());
      const { ETag } = (await world.read(environment.UPLOADS_BUCKET, `uploads/${signed.name}`))!;
      const early = await world.resultOf(environment, signed.name, 2).then(() => true, () => false);
      checks.check('nothing is made before the scan', !early, early);
      await world.send(environment.QUEUE, {
        source: 'aws.guardduty',
        detail: {
          s3ObjectDetails: { bucketName: environment.UPLOADS_BUCKET, objectKey: `uploads/${signed.name}`, eTag: ETag!.replaceAll('"', '') },
          scanResultDetails: { scanResultStatus: verdict },
        },
      });
      const result = await world.resultOf(environment, signed.name);
      checks.check(`${verdict}: ${status}`, result.status === status, result);
    }
  }
}

void runSuite('uploads', checks, emulator => new UploadsSuite(emulator).run());
