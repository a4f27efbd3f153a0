import { SubmitEvent, useState } from 'react';
import { ApiError } from './api';
import { Page } from './page';
import { CoverImage, upload } from './upload';

type Progress = { readonly step: 'choosing' | 'working' } | { readonly step: 'failed'; readonly why: string } | { readonly step: 'done'; readonly cover: CoverImage };

/** Where a player adds a cover. */
export default function UploadPage() {
  const [progress, setProgress] = useState<Progress>({ step: 'choosing' });

  async function send(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const file = new FormData(event.currentTarget).get('cover') as File;
    setProgress({ step: 'working' });
    try {
      const images = await upload(file);
      setProgress({ step: 'done', cover: images.find(({ size }) => size === 'medium') ?? images[0] });
    } catch (error) {
      setProgress({ step: 'failed', why: error instanceof ApiError ? error.message : 'The upload did not work. Try again.' });
    }
  }

  return (
    <Page title="Add a cover">
      <form className="upload" onSubmit={(event) => void send(event)}>
        <label htmlFor="cover">Photo of the cover</label>
        <input id="cover" name="cover" type="file" accept="image/jpeg,image/png,image/webp,image/gif,image/avif" required aria-describedby="cover-help" />
        <p id="cover-help">JPEG, PNG, WebP, GIF or AVIF. Where a photo was taken is removed from it.</p>
        <button type="submit" disabled={progress.step === 'working'}>Upload</button>
      </form>
      <p role="status">{progress.step === 'working' && 'Your cover is on its way …'}{progress.step === 'done' && 'Your cover is ready.'}</p>
      {progress.step === 'failed' && <p role="alert">{progress.why}</p>}
      {progress.step === 'done' && (
        <img className="cover" src={progress.cover.url} width={progress.cover.width} height={progress.cover.height} alt="The cover that you uploaded" />
      )}
    </Page>
  );
}
