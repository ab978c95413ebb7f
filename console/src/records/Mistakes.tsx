import { Alert, AlertTitle, Link } from '@mui/material';
import { useFormContext, useFormState } from 'react-hook-form';

import { fieldName, listedErrors } from '../schema/fieldErrors';

/** All that is wrong with the form's record, also where no field shows it; a click goes to the field. */
export function Mistakes() {
  const { errors, submitCount } = useFormState();
  const { setFocus } = useFormContext();
  const found = listedErrors(errors);
  if (found.length === 0 || submitCount === 0) return null;
  return (
    <Alert severity="error" sx={{ mt: 2 }} role="alert">
      <AlertTitle>Not saved</AlertTitle>
      <ul style={{ margin: 0, paddingLeft: '1.2rem' }}>
        {found.map(({ source, text }) => (
          <li key={source + text}>
            {source && (
              <>
                <Link
                  component="button"
                  type="button"
                  color="inherit"
                  onClick={() => {
                    setFocus(source);
                  }}
                >
                  {fieldName(source)}
                </Link>
                :{' '}
              </>
            )}
            {text}
          </li>
        ))}
      </ul>
    </Alert>
  );
}
