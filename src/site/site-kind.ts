import { checkBoolean, checkText } from '../validate';

/** Options of a single-page app. */
export interface SinglePageAppOptions {
  /**
   * Page that is served for every path that is not a file.
   * @default '/index.html'
   */
  readonly page?: string;
}

/** Options of a site of many pages. */
export interface MultiPageOptions {
  /**
   * Whether addresses of pages end in a slash. `true`: `/about` is redirected to `/about/`, and the page is `about/index.html`.
   * `false`: `/about/` is redirected to `/about`, and the page is `about.html`.
   * @default true
   */
  readonly trailingSlash?: boolean;
}

/** Options of an app whose pages are rendered when it is built. */
export interface PrerenderedOptions {
  /**
   * Whether each page is a folder, such as `about/index.html`; otherwise it is a file, such as `about.html`.
   * @default true
   */
  readonly folders?: boolean;
}

/**
 * How paths become files: what CloudFront asks the bucket for when a visitor asks for `/about`.
 *
 * A path is a file where its last segment has an extension of letters and digits with at least one letter, such as `/app.js` or
 * `/v1.2/archive.7z`; `/docs/1.2` is none. Files, and everything below `/.well-known/`, are served as they are by every kind.
 */
export abstract class SiteKind {
  /**
   * One page, whose own router knows all paths: deep links and reloads get that page. A missing file is still a 404.
   */
  public static singlePageApp(options: SinglePageAppOptions = {}): SiteKind {
    checkText('SiteKind.singlePageApp', 'page', options.page, /^(\/[^/?#%\s"'`\\]+)+$/, 'the path of a file, such as /index.html or /200.html');
    return new SinglePageApp(options.page ?? '/index.html');
  }

  /** Many pages, each with one address: the other spelling of it, with or without a slash, is redirected. */
  public static multiPage(options: MultiPageOptions = {}): SiteKind {
    checkBoolean('SiteKind.multiPage', 'trailingSlash', options.trailingSlash);
    return new MultiPage(options.trailingSlash ?? true);
  }

  /** An app whose pages are rendered when it is built and whose router takes over: each page is served with and without a slash. */
  public static prerendered(options: PrerenderedOptions = {}): SiteKind {
    checkBoolean('SiteKind.prerendered', 'folders', options.folders);
    return new Prerendered(options.folders ?? true);
  }

  /** No pages: every path is the name of a file, such as a download. */
  public static files(): SiteKind {
    return new Files();
  }

  /**
   * Page for paths that do not exist, where no other is asked for.
   * @internal
   */
  public readonly _notFoundPage?: string;

  /**
   * Statements of the function at the edge that bring `request.uri`, which is no file, to a page; nothing where paths stay as they are.
   * @internal
   */
  public abstract _rewrite(): string[];
}

class SinglePageApp extends SiteKind {
  constructor(private readonly page: string) {
    super();
  }

  public _rewrite(): string[] {
    return [`request.uri = ${JSON.stringify(this.page)};`];
  }
}

class MultiPage extends SiteKind {
  public readonly _notFoundPage = '/404.html';

  constructor(private readonly trailingSlash: boolean) {
    super();
  }

  public _rewrite(): string[] {
    if (this.trailingSlash) {
      return [
        "if (!uri.endsWith('/')) return redirect(local(uri + '/') + query(request));",
        "request.uri = uri + 'index.html';",
      ];
    }
    return [
      "if (uri !== '/' && uri.endsWith('/')) return redirect(local(withoutSlash(uri) || '/') + query(request));",
      "request.uri = uri === '/' ? '/index.html' : uri + '.html';",
    ];
  }
}

class Prerendered extends SiteKind {
  public readonly _notFoundPage = '/404.html';

  constructor(private readonly folders: boolean) {
    super();
  }

  public _rewrite(): string[] {
    if (this.folders) return ["request.uri = withoutSlash(uri) + '/index.html';"];
    return ["request.uri = (withoutSlash(uri) || '/index') + '.html';"];
  }
}

class Files extends SiteKind {
  public _rewrite(): string[] {
    return [];
  }
}
