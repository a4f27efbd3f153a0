import { Link } from 'react-router';
import { GameSearch } from './game-search';
import { GAMES } from './games';
import invader from './invader.png';
import { Page } from './page';
import shelf from './shelf.svg';

export function HomePage() {
  return (
    <Page title="Your collection">
      <img className="shelf" src={shelf} width="960" height="280" alt="A shelf with three games and an arcade cabinet" />
      <p className="lead">{GAMES.length} games on the shelf, and a few that you still look for.</p>
      <GameSearch />
      <ul className="games">
        {GAMES.map(({ slug, title, maker, year }) => (
          <li key={slug}>
            <img src={invader} width="78" height="60" alt="" loading="lazy" />
            <h2><Link to={`/games/${slug}`}>{title}</Link></h2>
            <p>{maker}, {year}</p>
          </li>
        ))}
      </ul>
    </Page>
  );
}
