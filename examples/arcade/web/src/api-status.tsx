import { useEffect, useState } from 'react';
import { API_BASE_URL } from './settings';

/** Says whether the API answers. */
export function ApiStatus() {
  const [status, setStatus] = useState('asking …');

  useEffect(() => {
    const controller = new AbortController();
    fetch(`${API_BASE_URL}/api/health`, { signal: controller.signal })
      .then(async (response) => {
        const { status: said } = await response.json() as { status: string };
        setStatus(response.ok ? said : `not well (${response.status})`);
      })
      .catch(() => {
        if (!controller.signal.aborted) setStatus('not reachable');
      });
    return () => controller.abort();
  }, []);

  return <p role="status">Catalogue service: <strong id="api-status">{status}</strong></p>;
}
