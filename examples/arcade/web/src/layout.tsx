import { Suspense } from 'react';
import { Link, Outlet, ScrollRestoration } from 'react-router';
import { Account } from './account';
import { ApiStatus } from './api-status';
import { RELEASE } from './settings';
import { CAN_SIGN_IN } from './sign-in';

/** What every page has around it. */
export function Layout() {
  return (
    <>
      <a className="skip" href="#content">Skip to the content</a>
      <header className="top">
        <Link className="brand" to="/">Arcade</Link>
        <nav aria-label="Main">
          <Link to="/">Collection</Link>
          {CAN_SIGN_IN && <Link to="/upload">Add a cover</Link>}
          <Link to="/about">About</Link>
        </nav>
        <div className="account"><Account /></div>
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
