import { Alert, AlertTitle, Button } from '@mui/material';

import { ApiError } from '../api/client';

interface Props {
  error: unknown;
  /** What did not work, such as "The job cannot be shown". */
  title?: string;
  again?: () => void;
}

/** An error as the API tells it: what is wrong, every mistake, and the number to ask the log for. */
export function Problem({ error, title, again }: Props) {
  const known = error instanceof ApiError ? error : undefined;
  return (
    <Alert
      severity="error"
      action={
        again && (
          <Button color="inherit" size="small" onClick={again}>
            Try again
          </Button>
        )
      }
    >
      {title && <AlertTitle>{title}</AlertTitle>}
      {error instanceof Error ? error.message : String(error)}
      {known && known.mistakes.length > 0 && (
        <ul>
          {known.mistakes.map((mistake) => (
            <li key={`${mistake.pointer ?? mistake.parameter ?? ''} ${mistake.detail}`}>
              {(mistake.pointer ?? mistake.parameter) && <code>{mistake.pointer ?? mistake.parameter}</code>}{' '}
              {mistake.detail}
            </li>
          ))}
        </ul>
      )}
      {known?.requestId && <small> Request {known.requestId}</small>}
    </Alert>
  );
}
