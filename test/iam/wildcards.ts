/** Whether a text is one that a pattern of IAM's stands for: `*` for any text, `?` for one character. */
export function matches(text: string, pattern: string): boolean {
  const expression = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${expression}$`, 's').test(text);
}
