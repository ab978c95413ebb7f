import { Button, Dialog, DialogActions, DialogContent, DialogContentText, DialogTitle } from '@mui/material';
import { useState, useSyncExternalStore } from 'react';

import { here } from '../auth/authProvider';
import { useSession } from '../auth/SessionContext';

/** Lies over the page when the session has ended; nothing on the page is lost before the viewer says so. */
export function SessionEnded() {
  const session = useSession();
  const ended = useSyncExternalStore(session.subscribe, session.hasEnded);
  const [hidden, setHidden] = useState(false);
  return (
    <Dialog open={ended && !hidden} aria-labelledby="session-ended" aria-describedby="session-ended-text">
      <DialogTitle id="session-ended">Your session has ended</DialogTitle>
      <DialogContent>
        <DialogContentText id="session-ended-text">
          Sign in again, and you come back to this page. What you have typed and not saved will be gone: look
          at the page first if you want to copy it.
        </DialogContentText>
      </DialogContent>
      <DialogActions>
        <Button onClick={() => setHidden(true)}>Look at the page</Button>
        <Button variant="contained" autoFocus onClick={() => void session.signIn(here())}>
          Sign in again
        </Button>
      </DialogActions>
    </Dialog>
  );
}
