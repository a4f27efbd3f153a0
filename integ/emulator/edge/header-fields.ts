import * as http from 'http';

/** Header fields: names in lower case, each with its values. */
export interface HeaderFields { [name: string]: string[] }

/** The single value of a field, or all of them in one line. */
export function field(headers: HeaderFields, name: string): string | undefined {
  return headers[name]?.join(', ');
}

/** Directives of Cache-Control in lower case, with their values. */
export function cacheDirectives(headers: HeaderFields): Map<string, string> {
  const parts = (field(headers, 'cache-control') ?? '').split(',').map((part) => part.trim()).filter(Boolean);
  return new Map(parts.map((part) => {
    const [name, value = ''] = part.split('=');
    return [name.toLowerCase(), value.replaceAll('"', '')];
  }));
}

/** Node's headers as header fields; HTTP/2's own (`:path` …) stay out. */
export function headerFields(headers: { readonly [name: string]: string | string[] | undefined }): HeaderFields {
  const entries = Object.entries(headers).filter(([name, value]) => value !== undefined && !name.startsWith(':'));
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value : [value!]]));
}

/** Header fields as Node sends them: some may not be lists, even of one. */
export function nodeHeaders(headers: HeaderFields): http.OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, lines]) => [name, lines.length === 1 ? lines[0] : lines]));
}

/** Cookies of the request, by name. */
export function cookiesOf(headers: HeaderFields): [string, string][] {
  // HTTP/2 may split the cookies into several fields.
  const pairs = (headers.cookie ?? []).flatMap((line) => line.split(';')).map((pair) => pair.trim()).filter(Boolean);
  return pairs.map((pair) => {
    const at = pair.indexOf('=');
    return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  });
}

/** Parts of a query string as they are written, by name. */
export function queryOf(query: string): [string, string][] {
  return query.split('&').filter(Boolean).map((pair) => {
    const at = pair.indexOf('=');
    return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  });
}
