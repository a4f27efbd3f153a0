import { ReactNode } from 'react';

/** One page: its heading is the title of the window as well. */
export function Page({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <article>
      <title>{`${title} – Arcade`}</title>
      <h1>{title}</h1>
      {children}
    </article>
  );
}
