const ESCAPES: { readonly [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Control characters that no document may have. */
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** A text in HTML or SVG. */
export function text(value: string): string {
  return value.replace(FORBIDDEN, '').replace(/[&<>"']/g, character => ESCAPES[character]);
}

/** A text in the quotes of an attribute. */
export function attribute(value: string): string {
  return text(value).replace(/\n/g, '&#10;');
}

/** Whether an address may be linked to: what a template has in it is not to run as a script. */
export function isLink(address: string): boolean {
  return /^https:\/\/[^\s"'<>`]+$/.test(address);
}
