/** Next calls this once when a server starts, and holds requests until it is done. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { loadSecretsOrExit } = await import('./lib/secrets');
    await loadSecretsOrExit();
  }
}
