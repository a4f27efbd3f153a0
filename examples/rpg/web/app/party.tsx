'use client';

import { useEffect, useState, type FormEvent } from 'react';
import { CALLINGS, type Character } from '../lib/characters';

/** Asks the app's API, and throws what it says is wrong. */
async function ask(path: string, body?: object) {
  const response = await fetch(path, body && { method: 'POST', body: JSON.stringify(body) });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Error(answer.error ?? `The server answered ${response.status}.`);
  }
  return answer;
}

export function Party() {
  const [characters, setCharacters] = useState<Character[]>();
  const [theme, setTheme] = useState<string>();
  const [error, setError] = useState<string>();
  const attempt = (work: () => Promise<void>) => work().then(() => setError(undefined), (reason: Error) => setError(reason.message));

  useEffect(() => {
    void attempt(async () => setCharacters((await ask('/api/characters')).characters));
  }, []);

  function create(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    void attempt(async () => {
      const character: Character = await ask('/api/characters', Object.fromEntries(new FormData(form)));
      setCharacters((others = []) => [...others, character]);
      form.reset();
    });
  }

  function upload(file: File | undefined) {
    void attempt(async () => {
      if (file) {
        const { uploadUrl, downloadUrl } = await ask('/api/audio', { type: file.type, size: file.size });
        const response = await fetch(uploadUrl, { method: 'PUT', body: file, headers: { 'content-type': file.type } });
        if (!response.ok) {
          throw new Error('The theme could not be stored.');
        }
        setTheme(downloadUrl);
      }
    });
  }

  return (
    <>
      {error && <p role="alert">{error}</p>}
      {!characters && error && <p><a href="/login">Go to the gate</a> to see your characters.</p>}
      {characters && (
        <>
          <ul>{characters.map(({ id, name, calling }) => <li key={id}>{name}, {calling}</li>)}</ul>
          <form onSubmit={create}>
            <input name="name" aria-label="Name" placeholder="Name" required maxLength={40} />
            <select name="calling" aria-label="Calling">{CALLINGS.map((calling) => <option key={calling}>{calling}</option>)}</select>
            <button>Create</button>
          </form>
          <label>Theme: <input type="file" accept="audio/*" onChange={(event) => upload(event.target.files?.[0])} /></label>
          {theme && <p><audio controls src={theme} /></p>}
        </>
      )}
    </>
  );
}
