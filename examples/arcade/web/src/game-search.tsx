import { SubmitEvent, useEffect, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { ApiError, ask } from './api';

interface FoundGame {
  readonly slug: string;
  readonly title: string;
  readonly maker: string;
  readonly year: number;
}

type Answer = { readonly words: string; readonly games?: readonly FoundGame[]; readonly problem?: string };

/** Finds games by their words, and forgives a wrong letter. The words are in the address, so that a search can be shared. */
export function GameSearch() {
  const [parameters, setParameters] = useSearchParams();
  const words = parameters.get('q') ?? '';
  const [answer, setAnswer] = useState<Answer>();

  useEffect(() => {
    if (!words) return undefined;
    const controller = new AbortController();
    ask<{ games: FoundGame[] }>(`/api/search?${new URLSearchParams({ q: words })}`, { signal: controller.signal })
      .then(({ games }) => setAnswer({ words, games }))
      .catch((error: unknown) => {
        if (!controller.signal.aborted) setAnswer({ words, problem: error instanceof ApiError ? error.message : 'search is not reachable' });
      });
    return () => controller.abort();
  }, [words]);

  function search(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const q = new FormData(event.currentTarget).get('q') as string;
    setParameters(q.trim() ? { q: q.trim() } : {});
  }

  return (
    <search>
      <form className="search" onSubmit={search}>
        <label htmlFor="q">Search games</label>
        <input id="q" name="q" type="search" defaultValue={words} key={words} maxLength={100} />
        <button type="submit">Search</button>
      </form>
      <p role="status">{words && said(words, answer)}</p>
      {words && answer?.words === words && answer.games && (
        <ul className="found">
          {answer.games.map(({ slug, title, maker, year }) => <li key={slug}><Link to={`/games/${slug}`}>{title}</Link> {maker}, {year}</li>)}
        </ul>
      )}
    </search>
  );
}

function said(words: string, answer?: Answer): string {
  if (answer?.words !== words) return 'Searching …';
  if (answer.problem) return `Sorry: ${answer.problem}.`;
  return answer.games!.length === 1 ? '1 game found' : `${answer.games!.length} games found`;
}
