import { Link } from 'react-router';
import { Page } from './page';

export function NotFoundPage() {
  return (
    <Page title="Nothing on this shelf">
      <p>The page that you asked for does not exist. <Link to="/">Back to the collection</Link></p>
    </Page>
  );
}
