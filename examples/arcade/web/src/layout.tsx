import { Suspense } from 'react';
import { Link, Outlet, ScrollRestoration } from 'react-router';
import { ApiStatus } from './api-status';
import { RELEASE } from './settings';

/** What every page has around it. */
export function Layout() {
  return (
    <>
      <a className="skip" href="#content">Skip to the content</a>
      <header className="top">
        <Link className="brand" to="/">Arcade</Link>
        <nav aria-label="Main">
          <Link to="/">Collection</Link>
          <Link to="/about">About</Link>
        </nav>
      </header>
      <main id="content">
        <Suspense fallback={<p role="status">Loading …</p>}>
          <Outlet />
        </Suspense>
      </main>
      <footer>
        <ApiStatus />
        <p>Release <span id="release">{RELEASE}</span></p>
      </footer>
      <ScrollRestoration />
    </>
  );
}
