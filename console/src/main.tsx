import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { Console } from './Console';
import { StartFailed } from './layout/StartFailed';
import { readConfig } from './config';
import { Session } from './auth/session';

const root = createRoot(document.getElementById('root') as HTMLElement);

async function start(): Promise<void> {
  const config = await readConfig();
  const session = new Session(config);
  const to = await session.complete();
  if (to !== undefined) window.history.replaceState(null, '', to);
  const identity = await session.identity();
  if (!identity) {
    await session.signIn(window.location.pathname + window.location.search);
    return;
  }
  root.render(
    <StrictMode>
      <Console config={config} session={session} identity={identity} />
    </StrictMode>,
  );
}

// After a new deployment the parts that an open tab still asks for are gone.
window.addEventListener('vite:preloadError', (event) => {
  event.preventDefault();
  window.location.reload();
});

start().catch((error: unknown) => {
  root.render(<StartFailed error={error} />);
});
