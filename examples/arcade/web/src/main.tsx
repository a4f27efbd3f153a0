import { lazy, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter, redirect } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { AboutPage } from './about-page';
import { HomePage } from './home-page';
import { Layout } from './layout';
import { NotFoundPage } from './not-found-page';
import { Page } from './page';
import { currentUser, finishSignIn, signIn } from './sign-in';
import './style.css';

const GamePage = lazy(() => import('./game-page'));
const UploadPage = lazy(() => import('./upload-page'));

/** Whoever is not signed in goes to sign in first, and comes back. */
async function signedInOnly({ request }: { readonly request: Request }) {
  if (!await currentUser()) await signIn(new URL(request.url).pathname);
  return null;
}

async function backFromSignIn() {
  return redirect(await finishSignIn());
}

const router = createBrowserRouter([{
  element: <Layout />,
  hydrateFallbackElement: <p role="status">Loading …</p>,
  children: [
    { path: '/', element: <HomePage /> },
    { path: '/about', element: <AboutPage /> },
    { path: '/games/:slug', element: <GamePage /> },
    { path: '/upload', element: <UploadPage />, loader: signedInOnly },
    { path: '/callback', loader: backFromSignIn, errorElement: <Page title="Sign-in did not work"><p>Please try again.</p></Page> },
    { path: '*', element: <NotFoundPage /> },
  ],
}]);

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <RouterProvider router={router} />
  </StrictMode>,
);
