/** Shown when the console cannot even begin; nothing of its theme is there yet. */
export function StartFailed({ error }: { error: unknown }) {
  return (
    <main
      style={{
        font: '16px/1.5 system-ui, sans-serif',
        maxWidth: '40rem',
        margin: '4rem auto',
        padding: '0 1rem',
      }}
    >
      <h1>The console cannot start</h1>
      <p role="alert">{error instanceof Error ? error.message : String(error)}</p>
      <p>
        <a href="/">Begin anew</a>
      </p>
    </main>
  );
}
