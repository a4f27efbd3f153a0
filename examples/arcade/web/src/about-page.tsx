import { Page } from './page';

export function AboutPage() {
  return (
    <Page title="About">
      <p>Arcade keeps the list of your games: what you have, in which condition, and what it was like to play it.</p>
    </Page>
  );
}
