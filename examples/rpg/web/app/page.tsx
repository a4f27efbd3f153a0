import { Party } from './party';

export default function HomePage() {
  return (
    <>
      <h1>Your party</h1>
      <p>Every character has a calling. Themes are sounds of your own, up to 10 MiB.</p>
      <Party />
    </>
  );
}
