import { mkdirSync, mkdtempSync, writeFileSync } from 'fs';
import * as http from 'http';
import { join } from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { configureRequestOptions, configureRequestUrl, DownloadOptions, HttpExecutor } from 'builder-util-runtime';
import type { AppUpdater } from 'electron-updater/out/AppUpdater';
import { NsisUpdater } from 'electron-updater/out/NsisUpdater';
import { GenericProvider } from 'electron-updater/out/providers/GenericProvider';
import { DesktopReleases, PublishConfiguration } from '../../src/delivery';

/*
 * electron-updater's own code, without Electron: requests go through Node's http instead of Chromium's network.
 */

class NodeExecutor extends HttpExecutor<http.ClientRequest> {
  public createRequest(options: http.RequestOptions, callback: (response: http.IncomingMessage) => void): http.ClientRequest {
    return http.request(options, callback);
  }

  /** As Electron's executor does it: the file is compared with the sum of the feed while it is written. */
  public download(url: URL, destination: string, options: DownloadOptions): Promise<string> {
    return options.cancellationToken.createPromise<string>((resolve, reject, onCancel) => {
      const request: http.RequestOptions = { headers: options.headers ?? undefined };
      configureRequestUrl(url, request);
      configureRequestOptions(request);
      this.doDownload(request, {
        destination,
        options,
        onCancel,
        responseHandler: null,
        callback: error => error ? reject(error) : resolve(destination),
      }, 0);
    });
  }
}

export interface AppOptions {
  /** Version that is installed. */
  readonly version: string;
  /** Channel that the app was built for. */
  readonly channel?: string;
  /** Channel that the app sets when it runs. */
  readonly setChannel?: string;
  /** What electron-updater keeps in the file .updaterId. */
  readonly userId?: string;
  readonly allowDowngrade?: boolean;
  readonly differential?: boolean;
  /** Installer of the installed version, as the last update or installation has left it. */
  readonly oldInstaller?: Buffer;
}

/** An installed app on Windows, with everything that electron-updater finds on a user's disk. */
export class InstalledApp {
  public readonly updater: NsisUpdater;

  constructor(folder: string, url: string, options: AppOptions) {
    const disk = mkdtempSync(join(folder, 'app-'));
    const cache = join(disk, 'cache', 'arcade-updater');
    mkdirSync(cache, { recursive: true });
    if (options.oldInstaller) writeFileSync(join(cache, 'installer.exe'), options.oldInstaller);
    if (options.userId) writeFileSync(join(disk, '.updaterId'), options.userId);
    writeFileSync(join(disk, 'app-update.yml'), JSON.stringify({ ...configurationFor(url, options.channel), updaterCacheDirName: 'arcade-updater' }));

    this.updater = new NsisUpdater(null, {
      version: options.version,
      name: 'arcade',
      isPackaged: true,
      appUpdateConfigPath: join(disk, 'app-update.yml'),
      userDataPath: disk,
      baseCachePath: join(disk, 'cache'),
      whenReady: () => Promise.resolve(),
      relaunch: () => undefined,
      quit: () => undefined,
      onQuit: () => undefined,
    });
    Object.assign(this.updater, {
      httpExecutor: new NodeExecutor(),
      // Without differential downloads the updater goes straight to the full one; with them, a failure is not hidden by it.
      _testOnlyOptions: { platform: 'win32', isUseDifferentialDownload: options.differential ?? false },
    });
    this.updater.logger = null;
    this.updater.autoDownload = false;
    this.updater.on('error', () => undefined);
    if (options.setChannel) this.updater.channel = options.setChannel;
    if (options.allowDowngrade) this.updater.allowDowngrade = true;
  }

  /** The version that the user is told of; undefined where there is none for them. */
  public async noticedVersion(): Promise<string | undefined> {
    const result = await this.updater.checkForUpdates();
    return result!.isUpdateAvailable ? result!.updateInfo.version : undefined;
  }

  /** Path of the new installer, checked by the updater. */
  public async download(): Promise<string> {
    await this.updater.checkForUpdates();
    return (await this.updater.downloadUpdate())[0];
  }
}

/** What electron-builder writes into the app, from what the construct says. */
function configurationFor(url: string, channel?: string): PublishConfiguration {
  const releases = new DesktopReleases(new Stack(new App(), 'Shop'), 'Releases', { channels: ['latest', ...channel ? [channel] : []] });
  return { ...releases.publishConfiguration(channel), url };
}

/** The provider alone, as an app of that system has it. */
export function provider(url: string, options: { platform?: 'win32' | 'darwin' | 'linux'; arch?: string; channel?: string }): GenericProvider {
  process.env.TEST_UPDATER_ARCH = options.arch ?? 'x64';
  const updater = { channel: options.channel ?? null, isAddNoCacheQuery: true } as unknown as AppUpdater;
  const runtime = { platform: options.platform ?? 'win32', executor: new NodeExecutor(), isUseMultipleRangeRequest: false } as never;
  return new GenericProvider({ provider: 'generic', url }, updater, runtime);
}
