import { Link, useParams } from 'react-router';
import { GAMES } from './games';
import './game-page.css';
import { NotFoundPage } from './not-found-page';
import { Page } from './page';
import { RELEASE } from './settings';

/** Loaded when the first game is opened, which may be long after the rest of the release. */
export default function GamePage() {
  const { slug } = useParams();
  const game = GAMES.find((one) => one.slug === slug);
  if (!game) {
    return <NotFoundPage />;
  }
  return (
    <Page title={game.title}>
      <dl className="facts" data-chunk-release={RELEASE}>
        <dt>Made by</dt><dd>{game.maker}</dd>
        <dt>Year</dt><dd>{game.year}</dd>
        <dt>Condition</dt><dd>{game.condition}</dd>
      </dl>
      <p>{game.story}</p>
      <p><Link to="/">Back to the collection</Link></p>
    </Page>
  );
}
