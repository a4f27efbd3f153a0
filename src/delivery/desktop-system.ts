/** A system that a desktop app is built for. */
export enum DesktopSystem {
  /** macOS: `latest-mac.yml`. */
  MACOS = 'macos',
  /** Windows: `latest.yml`. */
  WINDOWS = 'windows',
  /** Linux: `latest-linux.yml`, and `latest-linux-arm64.yml` for ARM. */
  LINUX = 'linux',
}
